"""Finds what public addresses newly reach, over plain HTTP or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import ip_network

from ecs import types
from review.changes.concerns.concern import Concern, at
from review.deployment import connectivity
from review.deployment.connectivity import Connection
from review.deployment.state import Properties, State

GROUP_RULES = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
LISTENERS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html"
MOST = {4: 8, 6: 32}
"""A network with a shorter prefix counts as the internet: 0.0.0.0/1 and 128.0.0.0/1 are it, in two halves."""
PREFIX_LIST = "pl-"


def exposures(before: State, after: State) -> Iterator[Concern]:
    old = connectivity.connections(before)
    opened = [
        each
        for each in sorted(connectivity.connections(after) - old)
        if _is_public(each.source) and not any(connectivity.covers(other, each) for other in old)
    ]
    yield from _opened(after, opened)
    balancers = {each.target for each in opened}
    yield from _newly_behind(before, after, balancers)
    yield from _plain_listeners(before, after)


def _opened(after: State, opened: list[Connection]) -> Iterator[Concern]:
    """One for each source and target, with all ports."""
    ports: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in opened:
        ports[each.source, each.target].append(each.port)
    for (source, target), found in ports.items():
        uses = {port: _use(after, target, port) for port in found}
        wide = _is_internet(source)
        unsafe = any(use not in ("HTTPS", "redirect") for use in uses.values())
        shown = ", ".join(f"{port}{f' ({use})' if use else ''}" for port, use in uses.items())
        yield Concern(
            severity="caution" if wide and unsafe else "warning",
            topic="exposure",
            text=f"{source} newly reaches {_target(after, target)} on {shown}",
            source=GROUP_RULES,
        )


def _newly_behind(before: State, after: State, reported: set[str]) -> Iterator[Concern]:
    """Services that a load balancer which was open before newly forwards to."""
    for name, service in sorted(after.services.items()):
        former = before.services.get(name)
        if not service.inputs.get("loadBalancers") or (former and former.inputs.get("loadBalancers")):
            continue
        for target in _balancers(after) - reported:
            sources = sorted({each.source for each in _public(after, target)})
            if not sources:
                continue
            plain = _plain_ports(after)
            yield Concern(
                severity="caution" if plain and any(map(_is_internet, sources)) else "warning",
                topic="exposure",
                text=f"{', '.join(sources)} newly reaches {name} through the load balancer"
                + (", over plain HTTP" if plain else ""),
                source=LISTENERS,
            )


def _plain_listeners(before: State, after: State) -> Iterator[Concern]:
    """Ports that were open before and newly answer over plain HTTP: a redirect that is gone, for example."""
    if not before.of(types.LISTENER):
        return
    for port in sorted(_plain_ports(after) - _plain_ports(before)):
        for target in sorted(_balancers(after)):
            sources = [
                {each.source for each in _public(state, target) if each.port == f"{port}/tcp"}
                for state in (before, after)
            ]
            if both := sorted(sources[0] & sources[1]):
                yield Concern(
                    severity="caution" if any(map(_is_internet, both)) else "warning",
                    topic="exposure",
                    text=f"{', '.join(both)} newly reaches {_target(after, target)} over plain HTTP on port {port}",
                    source=LISTENERS,
                )


def _balancers(state: State) -> set[str]:
    return {name for each in state.of(types.LOAD_BALANCER) for name in connectivity.names_of(state, each)}


def _public(state: State, target: str) -> list[Connection]:
    return [each for each in connectivity.connections(state) if each.target == target and _is_public(each.source)]


def _target(state: State, name: str) -> str:
    """A load balancer with the services behind it."""
    if name not in _balancers(state):
        return name
    behind = sorted(each for each, service in state.services.items() if service.inputs.get("loadBalancers"))
    return f"{', '.join(behind)} through the load balancer" if behind else "the load balancer"


def _use(state: State, target: str, port: str) -> str:
    """The use of a load balancer's port; empty for another target or a port without a listener."""
    if target not in _balancers(state):
        return ""
    for each in state.of(types.LISTENER):
        if f"{each.inputs.get('port')}/tcp" == port:
            if each.inputs.get("protocol") in ("HTTPS", "TLS"):
                return "HTTPS"
            return "redirect" if _redirects(each.inputs) else "plain HTTP"
    return ""


def _plain_ports(state: State) -> set[int]:
    return {
        int(each.inputs["port"])
        for each in state.of(types.LISTENER)
        if each.inputs.get("protocol") == "HTTP" and not _redirects(each.inputs) and "port" in each.inputs
    }


def _redirects(listener: Properties) -> bool:
    return at(listener, "defaultActions.redirect.protocol") == "HTTPS"


def _is_public(source: str) -> bool:
    """A documentation range counts: it stands for a public one. https://www.rfc-editor.org/rfc/rfc5737"""
    network = connectivity.network(source)
    if network is None:
        return source.startswith(PREFIX_LIST)
    private = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
    return not any(connectivity.within(network, ip_network(each)) for each in private)


def _is_internet(source: str) -> bool:
    network = connectivity.network(source)
    return network is not None and network.prefixlen < MOST[network.version]
