"""SOAP 1.1 envelopes, and the judges of what is inside them: the vendor's schemas, compiled by lxml."""

import hashlib
import sys
from pathlib import Path

import ciscoaxl
import UCToolkit
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
WSDL_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
XSD = "http://www.w3.org/2001/XMLSchema"

# Schemas of the products, where the installed packages have them; they are the vendor's and never copied.
IMP_SCHEMAS = Path(UCToolkit.__file__).parent / "IMP" / "schema"
UNIFIED_CM_SCHEMAS = Path(ciscoaxl.__file__).parent / "schema"
CONTROL_CENTER = Path(__file__).parents[2] / "src/lab/servers/control_center/ControlCenterServices.wsdl"
# The file as the vendor published it (CiscoDevNet/serviceability-python-zeep-samples): the lab serves it and is judged by
# it, so a change of it would go unseen.
CONTROL_CENTER_SHA256 = "926cf4e08a9a278415612d4bedcbf492fe0781fe3247e8d33a95e33d8b611c88"


class Broken(Exception):
    """A message that is not what the schema says."""


def parse(text):
    """Reads XML from text; entities stay what they are."""
    try:
        return etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        raise Broken(f"not well-formed: {error}") from error


def content(envelope):
    """The one element in an envelope's body."""
    if envelope.tag != f"{{{SOAP}}}Envelope":
        raise Broken(f"{envelope.tag} is no SOAP 1.1 envelope")
    parts = [child.tag for child in envelope]
    if parts not in ([f"{{{SOAP}}}Body"], [f"{{{SOAP}}}Header", f"{{{SOAP}}}Body"]):
        raise Broken(f"an envelope has an optional header and a body, not {parts}")
    if len(envelope[-1]) != 1:
        raise Broken(f"a body has one element, not {len(envelope[-1])}")
    return envelope[-1][0]


def fault(element):
    """The parts of a fault, by their names; SOAP 1.1 leaves them unqualified and in this order."""
    names = [child.tag for child in element]
    if names != [name for name in ("faultcode", "faultstring", "faultactor", "detail") if name in names]:
        raise Broken(f"a fault has faultcode, faultstring, faultactor and detail, not {names}")
    if not {"faultcode", "faultstring"} <= set(names):
        raise Broken("a fault has a faultcode and a faultstring")
    return {child.tag: child for child in element}


def axl_fault(element):
    """Checks a fault of AXL: the schema has no `axlError`, the developer guide shows its three elements."""
    detail = fault(element).get("detail")
    error = detail[0] if detail is not None and len(detail) else None
    if error is None or etree.QName(error).localname != "axlError":
        raise Broken("a fault of AXL has an axlError in its detail")
    names = [etree.QName(child).localname for child in error]
    if names != ["axlcode", "axlmessage", "request"] or not (error[0].text or "").lstrip("-").isdigit():
        raise Broken(f"an axlError has a numeric axlcode, an axlmessage and a request, not {names}")


class Judge:
    """One version of one interface: its schema, and the messages that belong to each operation."""

    def __init__(self, wsdl, schema):
        self.schema = schema
        self.operations = operations(wsdl)

    def request(self, element, action):
        """Checks a request's content and its `SOAPAction`; returns the operation's name."""
        name = etree.QName(element).localname
        if name not in self.operations:
            raise Broken(f"{name} is no operation of the WSDL")
        expected = self.operations[name]
        self.valid(element, expected["input"])
        if action is None or action.strip('"') != expected["action"]:
            raise Broken(f"the SOAPAction of {name} is `{expected['action']}`, not `{action}`")
        return name

    def answer(self, element, operation):
        """Checks the content of an answer to an operation."""
        self.valid(element, self.operations[operation]["output"])

    def valid(self, element, tag):
        """Checks an element against the schema, as a document of its own."""
        if element.tag != tag:
            raise Broken(f"{tag} is expected, not {element.tag}")
        if not self.schema.validate(etree.fromstring(etree.tostring(element))):
            raise Broken(str(self.schema.error_log[0]))


def operations(wsdl):
    """The operations of a WSDL: the elements of input and output, and the `SOAPAction`."""
    def name(qualified, element):
        prefix, _, local = qualified.rpartition(":")
        return f"{{{element.nsmap[prefix or None]}}}{local}"

    parts = {}
    for message in wsdl.findall(f"{{{WSDL}}}message"):
        part = message.find(f"{{{WSDL}}}part")
        parts[message.get("name")] = name(part.get("element"), part)
    found = {}
    for operation in wsdl.findall(f"{{{WSDL}}}portType/{{{WSDL}}}operation"):
        messages = {
            way: parts[operation.find(f"{{{WSDL}}}{way}").get("message").rpartition(":")[2]]
            for way in ("input", "output")
        }
        found[operation.get("name")] = messages
    for operation in wsdl.findall(f"{{{WSDL}}}binding/{{{WSDL}}}operation"):
        found[operation.get("name")]["action"] = operation.find(f"{{{WSDL_SOAP}}}operation").get("soapAction")
    return found


def axl_judges(folder):
    """The judges of AXL by the version in the namespace, for every schema in a folder that compiles."""
    judges = {}
    for version in sorted(path.name for path in folder.iterdir() if path.name[0].isdigit()):
        schema = etree.XMLSchema(etree.parse(folder / version / "AXLSoap.xsd"))
        judges[version] = Judge(etree.parse(folder / version / "AXLAPI.wsdl").getroot(), schema)
    return judges


def control_center_wsdl():
    """The vendor's WSDL of Control Center, byte for byte."""
    text = CONTROL_CENTER.read_bytes()
    if hashlib.sha256(text).hexdigest() != CONTROL_CENTER_SHA256:
        sys.exit(f"FAILED   {CONTROL_CENTER.name} is not the vendor's any more")
    return etree.fromstring(text)


def control_center_judge():
    """The judge of Control Center, by the schema inside its WSDL."""
    wsdl = control_center_wsdl()
    schema = wsdl.find(f"{{{WSDL}}}types/{{{XSD}}}schema")
    # Written out and read again, the schema keeps the prefixes that the WSDL around it declares.
    return Judge(wsdl, etree.XMLSchema(etree.fromstring(etree.tostring(schema))))
