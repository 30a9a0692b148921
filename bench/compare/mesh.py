"""Meshes of any size: every cluster linked with every other."""

NODES = 6

_HEAD = """\
apiVersion: intermesh/v1
kind: Mesh
metadata: {name: bench}
domain: example.com
credentials:
  axl: {username: icsa, password: {env: AXL_PASSWORD}}
  admin: {username: meshadmin, password: {env: ADMIN_PASSWORD}}
defaults: {release: "14", credentials: {axl: axl, admin: admin}}
topology: {shape: full}
clusters:
"""

# A mesh has two clusters or more; this one is never contacted.
GONE = "  - {name: gone, publisher: imp1.gone.example.com, state: gone}\n"


def clusters(count):
    """The clusters, each with its publisher and its nodes, two to a redundancy group."""

    def node(cluster, at):
        return {"name": f"imp{at}.{cluster}.example.com", "group": f"group{(at + 1) // 2}"}

    names = [f"c{at:02}" for at in range(1, count + 1)]
    return [
        {"name": name, "publisher": f"imp1.{name}.example.com", "nodes": [node(name, at) for at in range(1, NODES + 1)]}
        for name in names
    ]


def text(chosen):
    """The mesh file of some clusters."""
    lines = [_HEAD]
    for cluster in chosen:
        lines.append(f"  - name: {cluster['name']}\n    publisher: {cluster['publisher']}\n    nodes:\n")
        lines += [f"      - {{name: {node['name']}, group: {node['group']}}}\n" for node in cluster["nodes"]]
    return "".join(lines)


def entries(count):
    """Peer entries of a full mesh: two for each link."""
    return count * (count - 1)
