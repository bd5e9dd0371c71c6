from __future__ import annotations

import re

import pytest

from ecs.image import Reference, Repository

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "account", "region", "name"),
    [
        (f"{HOST}/mrgnl-promptsvc@{DIGEST}", "111122223333", "us-east-1", "mrgnl-promptsvc"),
        (f"{HOST}/team/web_app.v2@{DIGEST}", "111122223333", "us-east-1", "team/web_app.v2"),
        (f"000000000000.dkr.ecr.ap-southeast-2.amazonaws.com/a@{DIGEST}", "000000000000", "ap-southeast-2", "a"),
        (f"000000000000.dkr.ecr.us-gov-west-1.amazonaws.com/a@{DIGEST}", "000000000000", "us-gov-west-1", "a"),
    ],
)
def test_a_reference_is_parsed_and_formatted_again(text: str, account: str, region: str, name: str) -> None:
    reference = Reference.parse(text)
    assert reference == Reference(repository=Repository(account=account, region=region, name=name), digest=DIGEST)
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"{HOST}/mrgnl-promptsvc", id="no-digest"),
        pytest.param(f"{HOST}/mrgnl-promptsvc:1.2.3", id="tag"),
        pytest.param(f"{HOST}/mrgnl-promptsvc:latest@{DIGEST}", id="tag-and-digest"),
        pytest.param(f"{HOST}/mrgnl-promptsvc@{DIGEST[:-1]}", id="short-digest"),
        pytest.param(f"{HOST}/mrgnl-promptsvc@{DIGEST}0", id="long-digest"),
        pytest.param(f"{HOST}/mrgnl-promptsvc@sha512:{'a' * 64}", id="other-hash"),
        pytest.param(f"{HOST}/mrgnl-promptsvc@sha256:{'A' * 64}", id="upper-case-digest"),
        pytest.param(f"{HOST}/Mrgnl-Promptsvc@{DIGEST}", id="upper-case-name"),
        pytest.param(f"{HOST}/-mrgnl@{DIGEST}", id="separator-first"),
        pytest.param(f"{HOST}/mrgnl--promptsvc/@{DIGEST}", id="separator-last"),
        pytest.param(f"{HOST}/@{DIGEST}", id="no-name"),
        pytest.param(f"library/nginx@{DIGEST}", id="docker-hub"),
        pytest.param(f"docker.io/library/nginx@{DIGEST}", id="docker-hub-in-full"),
        pytest.param(f"public.ecr.aws/docker/library/nginx@{DIGEST}", id="public-ecr"),
        pytest.param(f"11112222333.dkr.ecr.us-east-1.amazonaws.com/a@{DIGEST}", id="eleven-digits"),
        pytest.param(f"111122223333.dkr.ecr.us-east.amazonaws.com/a@{DIGEST}", id="no-region"),
        pytest.param(f"111122223333.dkr.ecr.us-east-1.evil.com/a@{DIGEST}", id="other-host"),
        pytest.param(f"https://{HOST}/a@{DIGEST}", id="scheme"),
        pytest.param(f"{HOST}/a@{DIGEST}\n", id="line-break"),
    ],
)
def test_anything_but_a_digest_in_a_private_registry_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        Reference.parse(text)


def test_a_repository_has_an_arn_before_it_exists() -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"""
    repository = Repository(account="111122223333", region="us-east-1", name="mrgnl-promptsvc")
    assert repository.arn == "arn:aws:ecr:us-east-1:111122223333:repository/mrgnl-promptsvc"
