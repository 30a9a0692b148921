"""Programs that strangers wrote for the real product work on the lab: ciscouctoolkit, with zeep underneath.

Usage, inside `intermesh lab run`: strangers.py RELEASE, where RELEASE is what the lab's clusters have.

On the way it stops what a later `intermesh apply` has to repair: the AXL Web Service of
the last node is deactivated, and the Intercluster Sync Agent there is stopped.
"""

import os
import sys
import time
from pathlib import Path

import requests
import UCToolkit
from lxml import etree
from UCToolkit import IMPAxlToolkit, UcmServiceabilityToolkit

import soap
from tally import Tally

USERNAME = os.environ["INTERMESH_LAB_USERNAME"]
PASSWORD = os.environ["INTERMESH_LAB_PASSWORD"]
CA_FILE = os.environ["INTERMESH_CA_FILE"]
NODES = dict(pair.split("=") for pair in os.environ["INTERMESH_LAB_NODES"].split(","))
# requests prefers these to what a session says, and the lab is on this machine.
for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
    os.environ.pop(variable, None)
# What ICSA asks of a peer, word for word (field-notes 5).
ICSA_PROBE = "SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0"
SERVICE = "Cisco Intercluster Sync Agent"
AXL = "Cisco AXL Web Service"
# The schemas that a release accepts, of those that ciscouctoolkit has.
SCHEMAS = {"11.5": ["11.5"], "14": ["11.5", "12.5"]}
# Longer than any service takes in a lab, whose time is 400 times as fast.
PATIENCE = 30


def forget_descriptions():
    """Removes ciscouctoolkit's caches of these addresses: an earlier lab may have had them."""
    for address in NODES.values():
        for kind in ("axl", "serviceability"):
            Path(f"/tmp/sqlite_{kind}_{address}.db").unlink(missing_ok=True)


def axl(address, version="11.5"):
    """ciscouctoolkit's AXL client of a node."""
    folder = f"{Path(UCToolkit.__file__).parent}/"
    return IMPAxlToolkit(USERNAME, PASSWORD, address, version=version, tls_verify=CA_FILE, schema_folder_path=folder)


def control_center(address, ca_file=CA_FILE):
    """ciscouctoolkit's Control Center client of a node."""
    return UcmServiceabilityToolkit(USERNAME, PASSWORD, address, tls_verify=ca_file)


def status(toolkit, service):
    """What Control Center says of a service."""
    return toolkit.soapGetServiceStatus()([service]).ServiceInfoList.item[0]


def until(what, condition):
    """Asks again until a condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"still not: {what}")


def order(call, request, service):
    """Gives an order for one service and hands its answer on."""
    return call(request | {"NodeName": "", "ServiceList": {"item": [service]}})


def reads_axl(tally, release, name, address):
    """Version, nodes and SQL rows."""
    for version in SCHEMAS[release]:
        toolkit = axl(address, version)
        # The toolkit returns what went wrong in place of a version.
        told = str(toolkit.get_cup_version())
        tally.check("ciscouctoolkit AXL", f"getCUPVersion {version}", told.startswith(f"{release}."), told)
    probe = toolkit.run_sql_query(ICSA_PROBE) or {"num_rows": 0}
    counted = probe["num_rows"] == 1 and next(iter(probe["rows"][0].values()))
    tally.check("ciscouctoolkit AXL", "ICSA's probe", counted == "2", f"{name}: {toolkit.last_exception or probe}")
    rows = toolkit.run_sql_query("select name, nodeid from processnode where tkprocessnoderole = 2") or {"num_rows": 0}
    names = {row["name"] for row in rows.get("rows", [])}
    tally.check("ciscouctoolkit AXL", "SQL rows", name in names, f"{name} is not in {names}")
    # The toolkit has no method of its own for these two; its zeep service does.
    servers = toolkit.get_service().getClusterInfo()["return"]["ServerInformation"]["cupservernames"]["servername"]
    tally.check("ciscouctoolkit AXL", "getClusterInfo", name in servers, f"{name} is not in {servers}")
    answer = toolkit.get_service().getClusterNodesAndCriticalServices(nodeName=name, locale="en_US")
    nodes = {node["return"]["name"] for node in answer["return"]["clusterNodesInfo"]}
    tally.check("ciscouctoolkit AXL", "getClusterNodesAndCriticalServices", name in nodes, f"{name} is not in {nodes}")


def restarts_a_service(tally, release, name, toolkit):
    """Lists, a restart, and the status afterwards."""
    listed = {item.ServiceName for item in toolkit.soapGetStaticServiceList()("").item}
    tally.check("ciscouctoolkit Control Center", "static list", SERVICE in listed, f"{name}: {listed}")
    product = toolkit.getProductInformationList()("")
    told = product.ActiveServerVersion.startswith(f"{release}.")
    tally.check("ciscouctoolkit Control Center", "products", told, product.ActiveServerVersion)
    before = status(toolkit, SERVICE).UpTime
    answer = order(toolkit.soapDoControlServices(), {"ControlType": "Restart"}, SERVICE)
    tally.check("ciscouctoolkit Control Center", "restart", answer.ReturnCode._value_1 == "0", f"{name}: {answer}")

    def started_again():
        now = status(toolkit, SERVICE)
        return now.ServiceStatus == "Started" and now.UpTime < before

    until(f"{SERVICE} on {name} has started again", started_again)
    tally.passed("ciscouctoolkit Control Center", "started again")


def leaves_work(tally, name, toolkit):
    """Deactivates and stops what intermesh will have to repair."""
    answer = order(toolkit.soapDoControlServices(), {"ControlType": "Stop"}, SERVICE)
    tally.check("ciscouctoolkit Control Center", "stop", answer.ReturnCode._value_1 == "0", f"{name}: {answer}")
    answer = order(toolkit.soapDoServiceDeployment(), {"DeployType": "UnDeploy"}, AXL)
    tally.check("ciscouctoolkit Control Center", "deactivate", answer.ReturnCode._value_1 == "0", f"{name}: {answer}")
    until(f"{AXL} on {name} is not activated", lambda: status(toolkit, AXL).ReasonCode == -1068)


def needs_the_authority(tally, address):
    """Without the lab's certificate authority no stranger gets an answer."""
    forget_descriptions()
    try:
        control_center(address, ca_file=True)
        tally.failed("certificates", f"{address} was trusted without the lab's authority")
    except requests.exceptions.SSLError:
        tally.passed("certificates", "refused without the lab's authority")


def describes_itself(tally, name, address):
    """The lab's own `?wsdl` is the vendor's, operation by operation; only the address is its own."""
    url = f"https://{address}:8443/controlcenterservice2/services/ControlCenterServices"
    answer = requests.get(f"{url}?wsdl", auth=(USERNAME, PASSWORD), verify=CA_FILE, timeout=10)
    served = etree.fromstring(answer.content)
    reference = soap.control_center_wsdl()
    ours, theirs = soap.operations(served), soap.operations(reference)
    for operation in sorted(ours | theirs):
        same = ours.get(operation) == theirs.get(operation)
        tally.check("Control Center WSDL", operation, same, f"{ours.get(operation)} is not {theirs.get(operation)}")
    place = served.find(f".//{{{soap.WSDL_SOAP}}}address")
    own = f"https://{name}:8443/"
    tally.check("Control Center WSDL", "address", place.get("location").startswith(own), place.get("location"))
    place.set("location", reference.find(f".//{{{soap.WSDL_SOAP}}}address").get("location"))
    same = etree.tostring(served, method="c14n") == etree.tostring(reference, method="c14n")
    tally.check("Control Center WSDL", "all else, canonically", same, f"{name} serves something else")


def main(release):
    """Runs all, and leaves no cache behind."""
    tally = Tally()
    forget_descriptions()
    try:
        for name, address in NODES.items():
            reads_axl(tally, release, name, address)
            toolkit = control_center(address)
            describes_itself(tally, name, address)
            restarts_a_service(tally, release, name, toolkit)
        leaves_work(tally, name, toolkit)
        needs_the_authority(tally, address)
    finally:
        forget_descriptions()
    tally.report()


if __name__ == "__main__":
    main(sys.argv[1])
