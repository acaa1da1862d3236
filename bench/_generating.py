"""A fleet of any size with the shape of a real one, and a recording of registries that answer for its images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

HUBS_A_CLUSTER = 20
_SHARED = 40  # images that many clusters use
_NAMES = ("notebook", "own")  # those of one cluster alone
_COMMIT = "0123456789ab"
_DAYS = (("2026.03.05", "2026-03-05"), ("2026.09.17", "2026-09-17"))  # what the fleet has, and the newest

CHART = """\
apiVersion: v2
name: {name}
version: 0.0.1
"""
WRAPPER = """\
dependencies:
- name: basehub
  version: 0.0.1
  repository: file://../basehub
"""
DEFAULTS = """\
jupyterhub:
  hub:
    image:
      name: quay.io/example/hub
      tag: 0.0.1-0.dev.git.9871.h4c1f0a2b7
  singleuser:
    image:
      name: quay.io/example/notebook-0
      tag: 2026.03.05
    memory:
      limit: 2G
  cull:
    enabled: true
    every: 600
"""
SCHEMA = """\
$schema: http://json-schema.org/draft-07/schema#
type: object
additionalProperties: false
required: [jupyterhub]
properties:
  global:
    type: object
    additionalProperties: true
  jupyterhub:
    type: object
    additionalProperties: true
    required: [hub, singleuser]
    properties:
      hub:
        type: object
        additionalProperties: true
        properties:
          allowNamedServers: {type: boolean}
      singleuser:
        type: object
        additionalProperties: true
        properties:
          defaultUrl: {type: string}
          profileList:
            type: array
            items:
              type: object
              additionalProperties: true
              required: [display_name]
              properties:
                display_name: {type: string}
"""
CLUSTER = """\
name: {name}
provider: gcp
provider_url: https://console.cloud.google.com/{name}
metadata:
  2i2c:
    hubspot_deal_id: {number}
gcp:
  key: enc-deployer-credentials.secret.json
  project: {name}
  cluster: {name}
  zone: europe-west1-b
  billing:
    paid_by_us: false
    bigquery:
      project: {name}
      dataset: cloud_costs
      billing_id: 000000-000000-000000
support:
  helm_chart_values_files:
  - support.values.yaml
  - enc-support.secret.values.yaml
hubs:
"""
HUB = """\
- name: {hub}
  display_name: Hub {hub} of {cluster}
  domain: {hub}.{cluster}.hubs.example.org
  helm_chart: {chart}
  helm_chart_values_files:
  - {common}
  - {hub}.values.yaml
  - enc-{hub}.secret.values.yaml
"""
COMMON = """\
# Feeds every hub of the cluster.
jupyterhub:
  custom:
    2i2c:
      add_staff_user_ids_to_admin_users: true
      add_staff_user_ids_of_type: github
    homepage:
      templateVars:
        org:
          name: Institute {number}
          url: https://{cluster}.example.org
  hub:
    allowNamedServers: true
    config:
      JupyterHub:
        authenticator_class: github
      Authenticator:
        admin_users:
        - amal
        - berit
  singleuser:
    defaultUrl: /lab
    image:
      name: quay.io/{cluster}/notebook
      tag: 2026.03.05
    initContainers:
    - name: home-permissions
      image: quay.io/example/volume-tools:1.36.1
      command: [sh, -c, 'chown 1000:1000 /home/jovyan']
"""
OWN = """\
jupyterhub:
  custom:
    homepage:
      templateVars:
        org:
          name: Hub {hub} of {cluster}
  hub:
    config:
      GitHubOAuthenticator:
        oauth_callback_url: https://{hub}.{cluster}.hubs.example.org/hub/oauth_callback
        allowed_organizations:
        - {cluster}:{hub}
        - {cluster}:staff
  ingress:
    hosts:
    - {hub}.{cluster}.hubs.example.org
    tls:
    - secretName: https-auto-tls
      hosts:
      - {hub}.{cluster}.hubs.example.org
"""
PROFILES = """\
  singleuser:
    extraEnv:
      GH_SCOPED_CREDS_APP_URL: https://github.com/apps/{cluster}
    profileList:
    - display_name: Small
      slug: small
      default: true
      profile_options: &options
        image:
          display_name: Environment
          unlisted_choice:
            enabled: true
            display_name: Custom image
            validation_regex: ^.+:.+$
            kubespawner_override:
              image: '{{value}}'
          choices:
            python:
              display_name: Python 2026.03.05
              default: true
              kubespawner_override:
                image: quay.io/example/notebook-{first}:2026.03.05
            r:
              display_name: R
              kubespawner_override:
                image: quay.io/example/notebook-{second}:2026-03-05
            own:
              display_name: Ours
              kubespawner_override:
                image: quay.io/{cluster}/own:0123456789ab
        resource_allocation:
          display_name: Resources
          choices:
            mem_2:
              display_name: 2 GB, up to 4 CPUs
              kubespawner_override:
                mem_guarantee: 2G
                mem_limit: 2G
                cpu_limit: 4
                node_selector:
                  node.kubernetes.io/instance-type: n2-highmem-4
            mem_8:
              display_name: 8 GB, up to 4 CPUs
              kubespawner_override:
                mem_guarantee: 8G
                mem_limit: 8G
                cpu_limit: 4
                node_selector:
                  node.kubernetes.io/instance-type: n2-highmem-4
    - display_name: Large
      slug: large
      profile_options: *options
      kubespawner_override:
        node_selector:
          node.kubernetes.io/instance-type: n2-highmem-16
"""
SUPPORT = """\
prometheus:
  server:
    ingress:
      enabled: true
      hosts:
      - prometheus.{cluster}.hubs.example.org
"""
SUPPORT_HIDDEN = """\
prometheus:
  password: ENC[AES256_GCM,data:c2VjcmV0,iv:c2VjcmV0,tag:c2VjcmV0,type:str]
"""
HIDDEN = """\
jupyterhub:
  hub:
    config:
      GitHubOAuthenticator:
        client_secret: ENC[AES256_GCM,data:c2VjcmV0,iv:c2VjcmV0,tag:c2VjcmV0,type:str]
"""
SOPS = """\
sops:
  mac: ENC[AES256_GCM,data:c2VjcmV0,iv:c2VjcmV0,tag:c2VjcmV0,type:str]
  version: 3.9.0
"""


def write_fleet(root: Path, hubs: int) -> None:
    """Write a fleet of `hubs` hubs, twenty to a cluster; every fifth cluster is one of daskhub hubs."""
    for file, text in _files(hubs):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _files(hubs: int) -> Iterator[tuple[str, str]]:
    for chart, more in (("basehub", ""), ("daskhub", WRAPPER)):
        yield f"helm-charts/{chart}/Chart.yaml", CHART.format(name=chart) + more
    yield "helm-charts/basehub/values.yaml", DEFAULTS
    yield "helm-charts/basehub/values.schema.yaml", SCHEMA
    for number, first in enumerate(range(0, hubs, HUBS_A_CLUSTER)):
        yield from _cluster(number, min(HUBS_A_CLUSTER, hubs - first))


def _cluster(number: int, hubs: int) -> Iterator[tuple[str, str]]:
    name = f"cluster-{number}"
    folder = f"config/clusters/{name}"
    is_wrapped = number % 5 == 4
    chart, common = ("daskhub", "daskhub-common.values.yaml") if is_wrapped else ("basehub", "common.values.yaml")
    names = ["staging", *(f"hub-{index}" for index in range(1, hubs))]
    listed = (HUB.format(hub=hub, cluster=name, chart=chart, common=common) for hub in names)
    yield f"{folder}/cluster.yaml", CLUSTER.format(name=name, number=1000 + number) + "".join(listed)
    yield f"{folder}/support.values.yaml", SUPPORT.format(cluster=name)
    yield f"{folder}/enc-support.secret.values.yaml", SUPPORT_HIDDEN + SOPS
    yield f"{folder}/{common}", _wrapped(COMMON.format(cluster=name, number=number), is_wrapped=is_wrapped)
    for index, hub in enumerate(names):
        text = OWN.format(hub=hub, cluster=name)
        if index % 3:  # a hub has two images as in a real fleet
            first, second = ((number + index * step) % _SHARED for step in (1, 3))
            text += PROFILES.format(cluster=name, first=first, second=second)
        yield f"{folder}/{hub}.values.yaml", _wrapped(text, is_wrapped=is_wrapped)
        yield f"{folder}/enc-{hub}.secret.values.yaml", _wrapped(HIDDEN, is_wrapped=is_wrapped) + SOPS


def _wrapped(text: str, *, is_wrapped: bool) -> str:
    """Return values below `basehub`, as a chart that wraps it reads them."""
    return "basehub:\n" + "".join(f"  {line}" for line in text.splitlines(keepends=True)) if is_wrapped else text


def recording(hubs: int) -> bytes:
    """Return a recording in which each image of such a fleet has the tags it stands there with and newer dated ones."""
    shared = [f"quay.io/example/notebook-{index}" for index in range(_SHARED)]
    own = [f"quay.io/cluster-{number}/{name}" for number in range(-(-hubs // HUBS_A_CLUSTER)) for name in _NAMES]
    return json.dumps({"version": 1, "images": {name: _image() for name in (*shared, *own)}}).encode()


def _image() -> dict[str, object]:
    (old, old_dashed), (new, new_dashed) = _DAYS
    tags = {tag: f"sha256:{index:064x}" for index, tag in enumerate((old, old_dashed, new, new_dashed, _COMMIT), 1)}
    facts = [{"name": tag, "digest": digest, "source": "oci"} for tag, digest in tags.items()]
    inspected = {
        tag: {
            "digest": digest,
            "platforms": ["linux/amd64"],
            "created": "2026-09-17T00:00:00Z" if tag in (new, new_dashed) else "2026-03-05T00:00:00Z",
            "labels": {},
            "size": 1_000_000_000,
        }
        for tag, digest in tags.items()
    }
    return {"list": {"tags": facts, "source": "oci"}, "digests": tags, "inspected": inspected}
