"""The pieces of words that the reader knows: those of eight languages, out of 250,000.

A word whose pieces are left out is cut into shorter ones, down to single letters.
"""

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import numpy as np
import sentencepiece
from wordfreq import top_n_list

from bench.reader.base import Base

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")
_COMMON = 4_000  # words of each language
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_LETTERS = re.compile("[\u2581!-~\u00a1-\u017f\u2010-\u205e\u20ac\U0001f44d\u2705\U0001f642]")


def chosen_pieces(base: Base, texts: Iterable[str]) -> list[int]:
    """Give the places of the pieces that common words and the labelled replies are made of."""
    whole = sentencepiece.SentencePieceProcessor(model_proto=packed(base, range(len(base.pieces))))
    words = [word for language in LANGUAGES for word in top_n_list(language, _COMMON)]
    used = {piece for text in texts for piece in whole.encode(text)}
    used.update(
        piece for word in words for form in (word, word.title()) for piece in whole.encode(form)
    )
    letters = {
        n for n, piece in enumerate(base.pieces) if len(piece) == 1 and _LETTERS.match(piece)
    }
    return sorted(used | letters | set(range(len(_SPECIAL))))


def packed(base: Base, places: Iterable[int]) -> bytes:
    """Give a model of SentencePiece with these pieces, the first four being the special ones."""
    model: Any = import_module("sentencepiece.sentencepiece_model_pb2").ModelProto()
    model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
    model.trainer_spec.bos_id, model.trainer_spec.pad_id = 0, 1
    model.trainer_spec.eos_id, model.trainer_spec.unk_id = 2, 3
    model.normalizer_spec.name = "identity"
    for place in places:
        piece = model.pieces.add()
        piece.piece = base.pieces[place]
        piece.score = float(np.float32(base.scores[place]))
        if place < len(_SPECIAL):
            unknown = _SPECIAL[place] == "<unk>"
            piece.type = piece.UNKNOWN if unknown else piece.CONTROL
    return bytes(model.SerializeToString())
