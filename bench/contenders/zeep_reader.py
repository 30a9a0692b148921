"""Reads a whole mesh with zeep and requests, as a careful script would, and prints the peers that are missing.

Usage: zeep_reader.py MESH.json [THREADS]

MESH.json has the clusters with their publishers and nodes. Addresses, account and authority are in the environment of
`intermesh lab run`. A cluster is read by one thread, over one kept connection per node; descriptions are parsed once.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
import UCToolkit
from lxml import html
from zeep import Client, Settings, Transport
from zeep.wsdl import Document

ADDRESSES = dict(pair.split("=") for pair in os.environ["INTERMESH_LAB_NODES"].split(","))
ACCOUNT = (os.environ["INTERMESH_LAB_USERNAME"], os.environ["INTERMESH_LAB_PASSWORD"])
AUTHORITY = os.environ["INTERMESH_CA_FILE"]
AXL_WSDL = Path(UCToolkit.__file__).parent / "IMP" / "schema" / "12.5" / "AXLAPI.wsdl"
CONTROL_CENTER_WSDL = Path(__file__).parents[2] / "src/lab/servers/control_center/ControlCenterServices.wsdl"
# what the schema wants where the database shows no UUID
NO_UUID = "{00000000-0000-0000-0000-000000000000}"
PROBE = "SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0"


def session():
    made = requests.Session()
    made.verify = AUTHORITY
    made.trust_env = False
    return made


class Descriptions:
    """The WSDL documents, parsed once, for clients of many nodes."""

    def __init__(self):
        self.settings = Settings(strict=False, xml_huge_tree=True)
        transport = Transport(session=session())
        self.axl = Document(str(AXL_WSDL), transport, settings=self.settings)
        self.control_center = Document(str(CONTROL_CENTER_WSDL), transport, settings=self.settings)

    def service(self, document, node, path, over):
        """The service of a node. It has a session with the account; its connections are the node's."""
        client = Client(document, transport=Transport(session=over, timeout=60), settings=self.settings)
        binding = next(iter(document.bindings))
        return client.create_service(binding, f"https://{ADDRESSES[node]}:8443/{path}")


class Pages:
    """The administration pages of a publisher, found by the texts of their menus."""

    def __init__(self, node, over):
        self.over = over
        self.base = f"https://{ADDRESSES[node]}:8443/"
        login = self.get(self.base + "cupadmin/")
        form = login.forms[0]
        form.fields["j_username"], form.fields["j_password"] = ACCOUNT
        self.home = self.read(self.over.post(form.action, data=dict(form.form_values()), auth=None))

    def get(self, url):
        return self.read(self.over.get(url))

    @staticmethod
    def read(answer):
        answer.raise_for_status()
        page = html.fromstring(answer.content)
        page.make_links_absolute(answer.url)
        return page

    def menu(self, name):
        return self.get(self.home.xpath("//a[normalize-space()=$name]/@href", name=name)[0])

    def notifications(self):
        return self.get(self.home.xpath("//a[@id='notifications']/@href")[0])

    def peers(self):
        found = self.menu("Inter-Clustering")
        find = found.xpath("//button[normalize-space()='Find']")[0]
        form = next(form for form in found.forms if find in form.iter("button"))
        sent = [*form.form_values(), (find.get("name"), find.get("value"))]
        found = self.read(self.over.post(form.action, data=sent))
        rows = found.xpath("//tr[td/input[@type='checkbox']]")
        return [self.peer(self.get(row.xpath(".//a/@href")[0])) for row in rows]

    @staticmethod
    def peer(page):
        value = lambda label: page.xpath("//input[@id=//label[starts-with(., $label)]/@for]/@value", label=label)[0]
        rows = page.xpath("//fieldset[legend[contains(., 'Peer Status')]]//tr")
        return {
            "address": value("Peer Address"),
            "username": value("AXL Username"),
            "protocol": page.xpath("//select[@id=//label[starts-with(., 'Protocol')]/@for]/option[@selected]")[0].text,
            "status": {row[0].text_content().strip(): row[1].text_content().strip() for row in rows if len(row) > 1},
        }


def table(page):
    return [[cell.text_content().strip() for cell in row] for row in page.xpath("//tr")]


def read(cluster, descriptions):
    """All that `intermesh plan` reads of a cluster, but for DNS and certificates."""
    publisher, read = cluster["publisher"], {}
    with session() as over:
        soap = session()
        soap.auth = ACCOUNT
        axl = descriptions.service(descriptions.axl, publisher, "axl/", soap)
        read["version"] = axl.getCUPVersion()
        read["servers"] = axl.getClusterInfo()
        read["nodes"] = axl.getClusterNodesAndCriticalServices(nodeName=publisher, locale="en_US")
        read["subclusters"] = axl.executeSQLQuery(sql="SELECT * from enterprisesubcluster")
        groups = sorted({node["group"] for node in cluster["nodes"]})
        read["groups"] = [axl.getSubClusterHAStatus(subClusterName=group, uuid=NO_UUID) for group in groups]
        read["probe"] = axl.executeSQLQuery(sql=PROBE)
        read["services"] = {}
        for node in cluster["nodes"]:
            name = node["name"]
            to = soap
            if name != publisher:
                to = session()
                to.auth = ACCOUNT
            path = "controlcenterservice2/services/ControlCenterServices"
            service = descriptions.service(descriptions.control_center, name, path, to)
            read["services"][name] = service.soapGetServiceStatus("")
            if to is not soap:
                to.close()
        pages = Pages(publisher, over)
        read["notifications"] = table(pages.notifications())
        read["topology"] = table(pages.menu("Presence Topology"))
        read["dashboard"] = table(pages.menu("System Dashboard"))
        read["peers"] = pages.peers()
        read["troubleshooter"] = table(pages.menu("System Troubleshooter"))
        soap.close()
    return read


def main():
    clusters = json.loads(Path(sys.argv[1]).read_text())["clusters"]
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    descriptions = Descriptions()
    if threads == 1:
        found = [read(cluster, descriptions) for cluster in clusters]
    else:
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda cluster: read(cluster, descriptions), clusters))
    missing = []
    for cluster, facts in zip(clusters, found, strict=True):
        known = {peer["address"] for peer in facts["peers"]}
        others = (other for other in clusters if other["name"] != cluster["name"])
        missing += [[cluster["name"], other["publisher"]] for other in others if other["publisher"] not in known]
    json.dump(sorted(missing), sys.stdout)


if __name__ == "__main__":
    main()
