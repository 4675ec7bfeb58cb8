"""What no name should be, through every argument of the hook that takes a text."""

import tempfile

import tracker

HOSTILE = {
    "newlines": "a\nb\r\n\u2028c",
    "nul": "a\0b",
    "half a character": "a\ud800b",
    "emoji": "🙂👩‍🔬",
    "path": "../../../../escaped",
    "absolute path": f"{tempfile.gettempdir()}/escaped-from-home",
    "html": "<script>alert(1)</script><b>",
    "sql": "'; drop table runs; --",
    "terminal": "\x1b[2J\x07\x9b31m",
    "template": "{{7*7}}${jndi:ldap://x}%s%n",
    "markdown": "[x](javascript:alert(1))",
    "formula": "=cmd|' /C calc'!A0",
    "long": "é" * 1_000_000,
    "right to left": "\u202egnp.exe",
    "blank": "   ",
    "dots": "..",
    "empty": "",
}


def record_hostile_values():
    """Records one iteration for each text, with the text wherever the hook takes one, and numbers JSON cannot hold."""
    for text in HOSTILE.values():
        with tracker.iteration(text, study=text, regime=text, tools={text: True}, person=text) as it:
            with it.phase(text):
                pass
            config = {text: text, "nan": float("nan"), "infinite": float("-inf"), "huge": 10**400, "bytes": b"\0\xff"}
            with it.job(text, device=text, config=config) as job, job.stage(text):
                pass
            it.submit(text)
            it.decide(text, options=[text, text], because=text, clarity=text)
