"""The Unified CM publishers' AXL, by zeep and the schema that ciscoaxl carries.

Runs inside `intermesh lab run`. A lab whose Unified CM does not answer AXL is skipped, and said so; one that answers must
have every operation that intermesh needs there (field-notes 3.5).
"""

import os

import requests
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.transports import Transport

import soap
from strangers import CA_FILE, NODES, PASSWORD, USERNAME, axl
from tally import Tally

HEADING = "ciscoaxl's schema, Unified CM"
PROXY = os.environ["INTERMESH_LAB_PROXY"]
BINDING = "{http://www.cisco.com/AXLAPIService/}AXLAPIBinding"
CCM_VERSION = (
    f'<e:Envelope xmlns:e="{soap.SOAP}"><e:Body><a:getCCMVersion xmlns:a="http://www.cisco.com/AXL/API/12.5"/>'
    "</e:Body></e:Envelope>"
)
PARAMETER = {"processNodeName": "EnterpriseWideData", "name": "ClusterSecurityMode", "service": "Enterprise Wide"}


def session():
    """A session that comes through the lab's proxy and trusts its authority."""
    made = requests.Session()
    made.auth = (USERNAME, PASSWORD)
    made.verify = CA_FILE
    made.proxies = {"https": PROXY}
    return made


def publishers():
    """The Unified CM publishers, as the IM and Presence clusters tell them."""
    found = []
    for address in NODES.values():
        told = axl(address).get_service().getClusterInfo()["return"]["ServerInformation"]
        for name in told["cucmservernames"]["servername"][:1]:
            if name not in found:
                found.append(name)
    return found


def answers(host):
    """Whether AXL is there at all: a request gets an answer or a fault then, and no page of the web server."""
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"CUCM:DB ver=12.5 getCCMVersion"'}
    answer = session().post(f"https://{host}:8443/axl/", data=CCM_VERSION, headers=headers, timeout=10)
    return answer.headers["Content-Type"].startswith("text/xml")


def rows(answer, name):
    """The rows of a list answer; an empty one has none."""
    content = answer["return"]
    return (content[name] or []) if content else []


def reads(tally, host, service):
    """Redundancy groups, nodes and parameters."""
    groups = rows(
        service.listPresenceRedundancyGroup(searchCriteria={"name": "%"}, returnedTags={"name": "", "haEnabled": ""}),
        "presenceRedundancyGroup",
    )
    tally.check(HEADING, "listPresenceRedundancyGroup", groups, f"{host} has no redundancy group")
    for group in groups:
        whole = service.getPresenceRedundancyGroup(name=group["name"])["return"]["presenceRedundancyGroup"]
        known = whole["name"] == group["name"] and whole["server1"]
        tally.check(HEADING, "getPresenceRedundancyGroup", known, f"{host}: {whole}")
    nodes = rows(
        service.listProcessNode(searchCriteria={"name": "%"}, returnedTags={"name": "", "processNodeRole": ""}),
        "processNode",
    )
    roles = {node["processNodeRole"] for node in nodes}
    both = {"CUCM Voice/Video", "CUCM IM and Presence"} <= roles
    tally.check(HEADING, "listProcessNode", both, f"{host} knows the roles {roles} only")
    return groups


def switches(tally, host, service, group):
    """High Availability off and on again, each seen afterwards."""
    def enabled():
        whole = service.getPresenceRedundancyGroup(name=group["name"])["return"]["presenceRedundancyGroup"]
        return whole["haEnabled"] in (True, "true", "t")

    before = enabled()
    for wanted in (not before, before):
        service.updatePresenceRedundancyGroup(name=group["name"], haEnabled="true" if wanted else "false")
        tally.check(HEADING, "updatePresenceRedundancyGroup", enabled() == wanted, f"{host}: still {not wanted}")


def main():
    """Asks each Unified CM publisher."""
    tally = Tally()
    hosts = publishers()
    silent = [host for host in hosts if not answers(host)]
    if silent:
        tally.skip(HEADING, f"AXL does not answer on {', '.join(silent)}")
        tally.passed(f"{HEADING}: looked for", "POST /axl/")
        tally.report()
    wsdl = soap.UNIFIED_CM_SCHEMAS / "12.5" / "AXLAPI.wsdl"
    client = Client(str(wsdl), settings=Settings(xml_huge_tree=True), transport=Transport(session=session()))
    for host in hosts:
        service = client.create_service(BINDING, f"https://{host}:8443/axl/")
        groups = reads(tally, host, service)
        pairs = [group for group in groups
                 if service.getPresenceRedundancyGroup(name=group["name"])["return"]["presenceRedundancyGroup"]["server2"]]
        for group in pairs:
            switches(tally, host, service, group)
        try:
            value = service.getServiceParameter(**PARAMETER)["return"]["serviceParameter"]["value"]
            tally.check(HEADING, "getServiceParameter", value is not None, f"{host}: no value")
        except Fault as fault:
            # Which parameters are served is not known; a fault in its documented form is an answer.
            tally.passed(HEADING, f"getServiceParameter: fault `{fault.message}`")
        try:
            service.getPresenceRedundancyGroup(name="no such group")
            tally.failed(HEADING, f"{host} knows a redundancy group that does not exist")
        except Fault:
            tally.passed(HEADING, "a fault for what does not exist")
    tally.require(HEADING, ["updatePresenceRedundancyGroup", "listProcessNode", "listPresenceRedundancyGroup"])
    tally.report()


if __name__ == "__main__":
    main()
