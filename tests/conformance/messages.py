"""Judges what a lab recorded: every AXL and Control Center message of intermesh, of strangers, and of the lab.

Usage: messages.py WHOSE RECORD..., where WHOSE is `intermesh` or `strangers`: whoever sent the requests.

Each request must be valid under the vendor's schema, carry the WSDL's `SOAPAction`, and be sent as SOAP 1.1 asks. Each
answer must be the operation's own, and valid, or a fault in its documented form. Then every kind of message is broken in
several ways, and each broken one must be rejected: a judge that accepts everything proves nothing.
"""

import json
import sys
from copy import deepcopy
from functools import cache

from lxml import etree

import soap
from soap import Broken
from tally import Tally

AXL_NAMESPACE = "http://www.cisco.com/AXL/API/"
# Answers before or instead of SOAP, as the field notes have them: pages of the web server. Which of the last three stands
# for an AXL Web Service that is not activated is unknown.
PAGES = {401, 403, 599, 404, 500, 503}
# What must be among the requests, so that a record of something else does not pass.
REQUIRED = {
    "intermesh": {
        "axl": {
            "getCUPVersion",
            "getClusterInfo",
            "getClusterNodesAndCriticalServices",
            "getSubClusterHAStatus",
            "executeSQLQuery",
            "getCertificateSummary",
            "getCertificates",
        },
        "control-center": {"soapGetServiceStatus", "soapDoControlServices", "soapDoServiceDeployment"},
        "unified-cm-axl": {
            "listPresenceRedundancyGroup",
            "listProcessNode",
            "updatePresenceRedundancyGroup",
            "getServiceParameter",
            "updateServiceParameter",
        },
    },
    "strangers": {
        "axl": {"getCUPVersion", "getClusterInfo", "getClusterNodesAndCriticalServices", "executeSQLQuery"},
        "control-center": {
            "soapGetServiceStatus",
            "soapGetStaticServiceList",
            "getProductInformationList",
            "soapDoControlServices",
            "soapDoServiceDeployment",
        },
        "unified-cm-axl": {
            "getCCMVersion",
            "listPresenceRedundancyGroup",
            "getPresenceRedundancyGroup",
            "updatePresenceRedundancyGroup",
            "listProcessNode",
            "getServiceParameter",
            "updateServiceParameter",
        },
    },
}


@cache
def axl_judges(interface):
    """The judges of AXL of one of the products, by version."""
    return soap.axl_judges(soap.IMP_SCHEMAS if interface == "axl" else soap.UNIFIED_CM_SCHEMAS)


@cache
def control_center_judge():
    """The judge of Control Center."""
    return soap.control_center_judge()


def judge_of(interface, element):
    """The judge of a message, by the namespace of what is in its body."""
    namespace = etree.QName(element).namespace or ""
    if interface == "control-center":
        return control_center_judge()
    version = namespace.removeprefix(AXL_NAMESPACE)
    judge = axl_judges(interface).get(version)
    if judge is None:
        raise Broken(f"there is no schema for {namespace}")
    return judge


def request(exchange):
    """Judges a request; returns its operation and the element in its body."""
    kind = (exchange["content_type"] or "").replace(" ", "").lower()
    if kind.split(";")[0] != "text/xml" or "charset=" in kind and "charset=utf-8" not in kind:
        raise Broken(f"the content type of a request is text/xml in UTF-8, not {kind}")
    element = soap.content(soap.parse(exchange["request"]))
    return judge_of(exchange["interface"], element).request(element, exchange["soap_action"]), element


def answer(exchange, operation, asked):
    """Judges an answer; returns what kind of answer it is."""
    status, kind = exchange["status"], exchange["answer_content_type"] or ""
    if status in PAGES and kind.startswith("text/html"):
        return f"page of HTTP {status}"
    if status not in (200, 500) or not kind.startswith("text/xml"):
        raise Broken(f"HTTP {status} with {kind} is no answer of SOAP")
    element = soap.content(soap.parse(exchange["answer"]))
    if element.tag == f"{{{soap.SOAP}}}Fault":
        if status != 500:
            raise Broken(f"a fault comes with HTTP 500, not {status}")
        (soap.fault if exchange["interface"] == "control-center" else soap.axl_fault)(element)
        return "fault"
    if status != 200:
        raise Broken(f"HTTP {status} comes with a fault, not {element.tag}")
    judge_of(exchange["interface"], asked).answer(element, operation)
    return operation


def with_body(text, change):
    """The envelope with the content of its body changed."""
    envelope = soap.parse(text)
    change(envelope[-1])
    return etree.tostring(envelope, encoding="unicode")


def foreign(body):
    """An element that no schema knows, inside the operation."""
    etree.SubElement(body[0], "intermeshBroken").text = "x"


def renamed(body):
    """Another operation, which the WSDL does not have."""
    body[0].tag = f"{{{etree.QName(body[0]).namespace}}}doWhatever"


def moved(body):
    """The right name in a namespace that is nobody's."""
    body[0].tag = f"{{urn:nobody}}{etree.QName(body[0]).localname}"


def doubled(body):
    """Two operations in one envelope."""
    body.append(deepcopy(body[0]))


def misspelt(body):
    """The first element of the operation, with a wrong name; nothing when it has none."""
    if len(body[0]):
        body[0][0].tag += "x"


def mistyped(body):
    """A value that its type does not allow; nothing where there is none of a narrow type."""
    narrow = ("ControlType", "DeployType", "ReasonCode", "Deployable", "assignedUserCount", "isHAEnabled", "haEnabled")
    for element in body.iter(etree.Element):
        if etree.QName(element).localname in narrow:
            element.text = "whatever"
            return


BREAKS = [foreign, renamed, moved, doubled, misspelt, mistyped]


def broken(exchange, side):
    """A valid exchange with one side broken, in every way that fits."""
    whole = with_body(exchange[side], lambda body: None)
    for change in BREAKS:
        changed = with_body(exchange[side], change)
        if changed != whole:
            yield change.__name__, exchange | {side: changed}
    yield "cut", exchange | {side: exchange[side][: len(exchange[side]) // 2]}
    if side == "request":
        yield "action", exchange | {"soap_action": "CUCM:DB ver=1.0 doWhatever"}
        yield "content type", exchange | {"content_type": "application/json"}
    else:
        yield "status", exchange | {"status": 500}
        yield "page", exchange | {"answer_content_type": "text/html", "answer": "<html/>"}


def judge(exchange, tally, seen):
    """Judges both sides of an exchange, and breaks the first of each kind."""
    interface, host = exchange["interface"], exchange["host"]
    try:
        operation, asked = request(exchange)
    except Broken as error:
        return tally.failed(f"{interface} requests", f"number {exchange['sequence']} to {host}: {error}")
    tally.passed(f"{interface} requests", operation)
    try:
        kind = answer(exchange, operation, asked)
    except Broken as error:
        return tally.failed(f"{interface} answers", f"number {exchange['sequence']} of {host} to {operation}: {error}")
    tally.passed(f"{interface} answers", kind)
    if (interface, operation) in seen or kind != operation:
        return None
    seen.add((interface, operation))
    for side in ("request", "answer"):
        for how, bad in broken(exchange, side):
            try:
                answer(bad, *request(bad))
                tally.failed(f"{interface} broken messages", f"{operation}: {side} with {how} was accepted")
            except Broken:
                tally.passed(f"{interface} broken messages rejected", f"{side}: {how}")
    return None


def main(whose, files):
    """Judges records and prints the counts."""
    tally, seen = Tally(), set()
    for file in files:
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                exchange = json.loads(line)
                if exchange["interface"] == "pages":
                    continue
                if exchange["method"] == "POST":
                    judge(exchange, tally, seen)
                else:
                    asked = f"{exchange['method']} {exchange['query'] or ''}".strip()
                    tally.passed(f"{exchange['interface']} without SOAP", asked)
    for interface, names in REQUIRED[whose].items():
        tally.require(f"{interface} requests", names)
        # A judge must have been seen to say no, to either side of each operation.
        tally.require(f"{interface} broken messages rejected", ["request: foreign", "answer: foreign", "answer: mistyped"])
    tally.report()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
