"""Likely secrets in `config`: keys and values that look like one are refused."""

from itertools import pairwise

from tracker.capture.answers import Answers

REFUSED = "refused: looks like a secret"

_SECRET_WORDS = {
    *("password", "passwd", "passphrase", "pwd", "secret", "secrets", "credential", "credentials"),
    *("apikey", "accesskey", "privatekey", "secretkey", "bearer", "cookie"),
}
_SECRET_PAIRS = {("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("signing", "key")}
# How the tokens of well-known services begin.
_SECRET_STARTS = (
    *("sk-", "sk_live_", "rk_live_", "pk_live_", "hf_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    *("glpat-", "xoxb-", "xoxp-", "xoxa-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.", "npm_", "pypi-", "dop_v1_"),
    *("-----BEGIN", "Bearer ", "Basic ", "eyJhbGciOi"),
)
_SHORTEST_TOKEN = 16


def is_secret(key: str, value: object) -> bool:
    """Says whether a setting looks like a secret; numbers of tokens and special tokens do not."""
    if value is None or isinstance(value, bool):
        return False
    names = _names[key]
    if names == "secret" or not isinstance(value, str):
        return names == "secret"
    return (names == "token" and not _is_special_token(value)) or _looks_like_token(value)


def _what_key_names(key: str) -> str:
    words = _words(key)
    if _SECRET_WORDS.intersection(words) or _SECRET_PAIRS.intersection(pairwise(words)):
        return "secret"
    return "token" if words and words[-1] == "token" else ""


_names = Answers(_what_key_names)


def _words(key: str) -> list[str]:
    """Splits `hf_token`, `hf-token`, `HF_TOKEN` and `hfToken` alike."""
    spaced = "".join(
        f" {sign}" if sign.isupper() and before.islower() else sign if sign.isalnum() else " "
        for before, sign in zip(" " + key, key, strict=False)
    )
    return spaced.lower().split()


def _is_special_token(value: str) -> bool:
    """`<pad>`, `[CLS]`, `</s>`, `<|endoftext|>`: a tokenizer's."""
    return value[:1] in ("<", "[") or len(value) < 2


def _looks_like_token(value: str) -> bool:
    if value.startswith(_SECRET_STARTS) and len(value) >= _SHORTEST_TOKEN:
        return True
    return "://" in value and _has_password(value)


def _has_password(address: str) -> bool:
    authority = address.partition("://")[2].partition("/")[0]
    user, at, _ = authority.rpartition("@")
    return bool(at) and ":" in user
