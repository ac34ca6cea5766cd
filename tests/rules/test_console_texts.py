"""The console's catalogues hold every text, and nothing else."""

import ast
import re
from pathlib import Path

import pytest

from lading.entrypoints.console import messages
from lading.entrypoints.console.rendering import HERE, LOCALES

HINT = "run python -m lading.entrypoints.console.messages, then translate what is empty"


def test_the_template_is_up_to_date() -> None:
    kept = {message.id for message in messages.read(messages.TEMPLATE) if message.id}
    assert kept == {message.id for message in messages.extracted() if message.id}, HINT


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_every_text_is_translated_with_the_same_holes(locale: str) -> None:
    catalog = messages.read(HERE / "locale" / locale / "LC_MESSAGES" / "messages.po", locale)
    wanted = {message.id for message in messages.extracted() if message.id}
    assert {message.id for message in catalog if message.id} == wanted, HINT
    for message in catalog:
        if message.id:
            originals = message.id if isinstance(message.id, tuple) else (message.id,)
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            for text in texts:
                assert text, f"{message.id} has no text in {locale}: {HINT}"
                assert set(re.findall(r"%\(\w+\)s", text)) <= set(re.findall(r"%\(\w+\)s", originals[-1]))


@pytest.mark.parametrize("file", sorted(messages.VIEWS.glob("*sentences.py")), ids=lambda file: file.stem)
def test_sentences_are_put_together_by_say_which_knows_the_readers_language(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.JoinedStr):
            texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            assert not re.search(r"[a-z]{2,}", "".join(map(str, texts))), f"line {node.lineno}: {texts}"
