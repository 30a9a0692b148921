"""The Unified CM publishers' AXL, by zeep and the schema that ciscoaxl carries (field-notes 3.5).

Usage, inside `intermesh lab run`: unified_cm.py RELEASE, where RELEASE is what the lab's clusters have.
"""

import os
import sys

import requests
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.transports import Transport

import soap
from strangers import CA_FILE, NODES, PASSWORD, SCHEMAS, USERNAME, axl
from tally import Tally

HEADING = "ciscoaxl's schema, Unified CM"
BINDING = "{http://www.cisco.com/AXLAPIService/}AXLAPIBinding"
IM_AND_PRESENCE = "CUCM IM and Presence"


def session():
    """A session that comes through the lab's proxy and trusts its authority."""
    made = requests.Session()
    made.auth = (USERNAME, PASSWORD)
    made.verify = CA_FILE
    made.proxies = {"https": os.environ["INTERMESH_LAB_PROXY"]}
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


def rows(answer, name):
    """The rows of a list answer; an empty one has none."""
    content = answer["return"]
    return (content[name] or []) if content else []


def group_of(service, name):
    """A redundancy group, whole."""
    return service.getPresenceRedundancyGroup(name=name)["return"]["presenceRedundancyGroup"]


def has_two_nodes(group):
    """Whether a redundancy group has a second node; zeep shows a missing one as a reference to nothing."""
    second = group["server2"]
    return bool(getattr(second, "_value_1", second))


def reads_groups(tally, host, service):
    """The redundancy groups, from the list and one by one."""
    wanted = {"name": "", "haEnabled": "t"}
    listed = service.listPresenceRedundancyGroup(searchCriteria={"name": "%"}, returnedTags=wanted)
    groups = [group_of(service, group["name"]) for group in rows(listed, "presenceRedundancyGroup")]
    tally.check(HEADING, "listPresenceRedundancyGroup", groups, f"{host} has no redundancy group")
    for group in groups:
        tally.check(HEADING, "getPresenceRedundancyGroup", group["server1"], f"{host}: {group}")
    try:
        group_of(service, "no such group")
        tally.failed(HEADING, f"{host} knows a redundancy group that does not exist")
    except Fault:
        tally.passed(HEADING, "a fault for what does not exist")
    return groups


def switches(tally, host, service, name):
    """High Availability off and on again, each seen afterwards."""
    def enabled():
        return str(group_of(service, name)["haEnabled"]).lower() in ("true", "t", "1")

    before = enabled()
    for wanted in (not before, before):
        service.updatePresenceRedundancyGroup(name=name, haEnabled="true" if wanted else "false")
        tally.check(HEADING, "updatePresenceRedundancyGroup", enabled() == wanted, f"{host}: still {not wanted}")


def reads_nodes(tally, host, service):
    """The nodes of both products; returns the name of an IM and Presence one."""
    listed = service.listProcessNode(searchCriteria={"name": "%"}, returnedTags={"name": "", "processNodeRole": ""})
    roles = {node["name"]: node["processNodeRole"] for node in rows(listed, "processNode")}
    both = {"CUCM Voice/Video", IM_AND_PRESENCE} <= set(roles.values())
    tally.check(HEADING, "listProcessNode", both, f"{host}: {roles}")
    return next(name for name, role in roles.items() if role == IM_AND_PRESENCE)


def sets_a_parameter(tally, host, service, node):
    """A service parameter, changed and seen afterwards. Whether Unified CM has it is unknown; a fault says that it has not."""
    parameter = {"processNodeName": node, "name": "Maximum no. of processes", "service": "Cisco SIP Proxy"}
    try:
        before = service.getServiceParameter(**parameter)["return"]["serviceParameter"]["value"]
    except Fault as fault:
        tally.check(HEADING, "a fault for a parameter", "not found" in fault.message, f"{host}: {fault.message}")
        return
    tally.passed(HEADING, "getServiceParameter")
    for value in ("10", before):
        service.updateServiceParameter(**parameter, value=value)
        told = service.getServiceParameter(**parameter)["return"]["serviceParameter"]["value"]
        tally.check(HEADING, "updateServiceParameter", told == value, f"{host}: {told} after {value}")


def main(release):
    """Asks each Unified CM publisher."""
    tally = Tally()
    wsdl = soap.UNIFIED_CM_SCHEMAS / SCHEMAS[release][-1] / "AXLAPI.wsdl"
    client = Client(str(wsdl), settings=Settings(xml_huge_tree=True), transport=Transport(session=session()))
    for host in publishers():
        service = client.create_service(BINDING, f"https://{host}:8443/axl/")
        version = service.getCCMVersion()["return"]["componentVersion"]["version"]
        tally.check(HEADING, "getCCMVersion", version.startswith(f"{release}."), f"{host}: {version}")
        for group in reads_groups(tally, host, service):
            if has_two_nodes(group):
                switches(tally, host, service, group["name"])
        node = reads_nodes(tally, host, service)
        sets_a_parameter(tally, host, service, node)
    tally.require(HEADING, ["updatePresenceRedundancyGroup", "listProcessNode", "listPresenceRedundancyGroup"])
    tally.report()


if __name__ == "__main__":
    main(sys.argv[1])
