"""The page of results, in Markdown, and what of it is not as it should be."""

import statistics

# What is asked of a full run, at 20 and 100 ms and 30 clusters.
BOUND = 1.3
ANSIBLE, ZEEP = 10, 5
MEMORY = 60 << 20
LAB_READY, LAB_MEMORY = 5, 300 << 20


def median(values):
    return statistics.median(values)


def spread(values):
    """Least to most."""
    return f"{seconds(min(values))} to {seconds(max(values))}"


def seconds(value):
    if value < 0.1:
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def megabytes(value):
    return f"{value / (1 << 20):.0f} MB"


def table(head, rows):
    aligned = ["---"] + ["---:"] * (len(head) - 1)
    lines = [head, aligned, *[[str(cell) for cell in row] for row in rows]]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def ours(found):
    return found["runs"]["intermesh plan"]


def bound(found, cores):
    """The least that a plan can take: the slowest cluster alone, or the work of both processes on all cores."""
    alone = max(median(taken) for taken in found["alone"].values())
    work = median([run["processor"] + run["lab"] for run in ours(found)]) / cores
    return alone, work


def ratio(found, cores):
    return median([run["seconds"] for run in ours(found)]) / max(bound(found, cores))


def missed(scale, together, cores):
    """What is not as it should be, for a full run."""
    told = []
    for found in scale:
        size, delay = found["clusters"], found["round_trip"]
        if size == 30 and delay >= 20 and ratio(found, cores) > BOUND:
            told.append(f"{size} clusters at {delay} ms take {ratio(found, cores):.2f} times the bound")
        if size == 30 and found["ready"] > LAB_READY:
            told.append(f"the lab of {size} clusters took {found['ready']:.1f} s")
        if found["memory"] > LAB_MEMORY:
            told.append(f"the lab of {size} clusters took {megabytes(found['memory'])}")
    for name, times in _times_of_ours(together).items():
        wanted = ANSIBLE if "Ansible" in name and "lists" not in name else ZEEP if "threads" in name else 0
        if times < wanted:
            told.append(f"{name} takes {times:.1f} times as long, and not {wanted}")
    largest = max(run["memory"] for found in [*scale, together] for run in ours(found))
    if largest > MEMORY:
        told.append(f"a plan took {megabytes(largest)}")
    return told


def _times_of_ours(found):
    base = median([run["seconds"] for run in ours(found)])
    runs = found["runs"].items()
    return {name: median([run["seconds"] for run in taken]) / base for name, taken in runs}


def asked(run, clusters):
    """What a run asked of the nodes: requests, bytes and connections, on average and at most."""
    servers = [server for server in run["asked"] if server["requests"] or server["connections"]]
    publishers = [server for server in servers if server["name"].startswith("imp1.")]
    others = [server for server in servers if server not in publishers]
    total = lambda name, of: sum(server[name] for server in of)
    most = lambda name, of: max((server[name] for server in of), default=0)
    return {
        "requests": total("requests", servers) / clusters,
        "of publisher": total("requests", publishers) / clusters,
        "of another": most("requests", others),
        "connections of publisher": most("connections", publishers),
        "connections of another": most("connections", others),
        "in": total("bytes_in", servers) / clusters,
        "out": total("bytes_out", servers) / clusters,
        "answering": total("answering_us", servers) / max(1, total("requests", servers)),
        "writes": total("writes", servers),
    }


def page(about, begun, scale, together, local, cores, quick):
    """The whole page."""
    parts = [
        "# Results\n",
        "What `bench/run` measured; `docs/src/performance.md` says how, and what it means. The clusters are simulated, on\n"
        "the same machine as the programs that read them.\n",
        *(["A quick run: few repeats, small meshes. Its figures tell that all works, not how fast.\n"] if quick else []),
        table(["", "this machine"], about).replace("| --- | ---: |", "| --- | --- |"),
        _loads(begun, [*scale, together]),
        "## A plan of a whole mesh\n",
        "Every cluster has six nodes and a peer for every other one, but for a few that are missing. `alone` is the slowest\n"
        f"of several clusters, read by itself; `work` is the processor time of both processes over {cores} cores. A plan\n"
        "cannot be faster than the larger of the two.\n",
        _scale(scale, cores),
        "## What is asked of the nodes during a plan\n",
        _asked(scale),
        "## Side by side\n",
        _side_by_side(together),
        "## The lab\n",
        _lab([*scale, together]),
        "## Without a network\n",
        _local(*local),
    ]
    return "\n".join(parts)


def _loads(begun, labs):
    loads = [load for found in labs for load in found["load"]] + [begun["load"]]
    return f"Begun {begun['time']}; load average of a minute between the parts: {min(loads):.1f} to {max(loads):.1f}.\n"


def _scale(scale, cores):
    rows = []
    for found in scale:
        taken = [run["seconds"] for run in ours(found)]
        alone, work = bound(found, cores)
        memory = max(run["memory"] for run in ours(found))
        cells = [found["clusters"], f"{found['round_trip']} ms", seconds(median(taken)), spread(taken), len(taken)]
        rows.append([*cells, seconds(alone), seconds(work), f"{ratio(found, cores):.2f}", megabytes(memory)])
    head = ["clusters", "round trip", "median", "spread", "runs", "alone", "work", "times the bound", "memory"]
    return table(head, rows)


def _asked(scale):
    rows = []
    for size in sorted({found["clusters"] for found in scale}):
        # the same at every round trip, but for connections, where the most counts
        all_runs = [asked(run, size) for found in scale if found["clusters"] == size for run in ours(found)]
        most = lambda name: max(run[name] for run in all_runs)
        cells = [size, f"{most('requests'):.1f}", f"{most('of publisher'):.1f}", most("of another")]
        cells += [most("connections of publisher"), most("connections of another")]
        rows.append([*cells, f"{most('in') / 1024:.0f} KB", f"{most('out') / 1024:.0f} KB", most("writes")])
    head = ["clusters", "requests per cluster", "of them to the publisher", "to another node"]
    head += ["connections to a publisher", "to another node", "sent per cluster", "received per cluster", "writes"]
    return table(head, rows)


def _side_by_side(found):
    size, base = found["clusters"], median([run["seconds"] for run in ours(found)])
    rows = []
    for name, taken in found["runs"].items():
        times = [run["seconds"] for run in taken]
        told = asked(taken[0], size)
        cells = [name, seconds(median(times)), spread(times), len(times), f"{median(times) / base:.1f}"]
        cells += [seconds(median([run["processor"] for run in taken])), megabytes(max(run["memory"] for run in taken))]
        rows.append([*cells, f"{told['requests']:.0f}", f"{told['connections of publisher']}"])
    head = ["", "median", "spread", "runs", "times ours", "processor", "memory", "requests per cluster"]
    text = f"{size} clusters of six nodes, {found['round_trip']} ms, in turn in one lab. All of them found the same\n"
    text += f"{len(ours(found)[0]['missing'])} peers missing. Memory is that of the largest process.\n\n"
    text += table([*head, "connections to a publisher"], rows)
    if found.get("forks"):
        tried = ", ".join(f"{forks} forks {seconds(taken)}" for forks, taken in found["forks"])
        text += f"\nAnsible's forks were chosen by trying, with the lists of peers only: {tried}.\n"
    return text


def _lab(labs):
    rows = []
    for found in labs:
        told = [asked(run, found["clusters"]) for run in ours(found)]
        requests = [run["requests"] * found["clusters"] for run in told]
        each = median([run["lab"] for run in ours(found)]) / median(requests) * 1e6
        network = found["network"]
        cells = [found["clusters"], f"{found['round_trip']} ms", seconds(found["ready"]), megabytes(found["memory"])]
        cells += [f"{median([run['answering'] for run in told]):.0f} us", f"{each:.0f} us"]
        rows.append([*cells, seconds(network["connect"]), seconds(network["request"])])
    head = ["clusters", "round trip", "ready after", "memory", "to make an answer", "processor per request"]
    text = table([*head, "a connection takes", "a request takes"], rows)
    return text + (
        "\nThe processor time has all of TLS and of the handshakes in it. The last two columns are what another program\n"
        "measured of the lab, over TLS.\n"
    )


def _local(count, runs):
    rows = []
    for name, taken in runs.items():
        rows.append([name, seconds(taken["median"]), spread(taken["seconds"]), megabytes(taken["memory"])])
    objects = count * (count - 1)
    text = f"Whole processes, {count} clusters with {objects} peer entries to add; terraform has as many\n"
    text += "`terraform_data` resources. No memory below that of the process that measures, some 30 MB, can be seen here.\n\n"
    text += table(["", "median", "spread", "memory"], rows)
    if "terraform plan" not in runs:
        text += "\nterraform is not installed here, so its rows are missing.\n"
    return text
