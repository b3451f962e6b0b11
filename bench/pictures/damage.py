"""What happens to pictures on their way: recompressed, shrunk, cropped, photographed."""

import io
import random
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

Damage = Callable[[Image.Image, random.Random], bytes]


def _bytes(image: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, kind, **options)
    return out.getvalue()


def jpeg30(image: Image.Image, _: random.Random) -> bytes:
    return _bytes(image, "JPEG", quality=30)


def webp60(image: Image.Image, _: random.Random) -> bytes:
    return _bytes(image, "WEBP", quality=60)


def half(image: Image.Image, _: random.Random) -> bytes:
    size = (image.width // 2, image.height // 2)
    return _bytes(image.resize(size, Image.Resampling.LANCZOS), "PNG")


def crop(image: Image.Image, dice: random.Random) -> bytes:
    """Cut a little off the sides and a quarter off the foot, where no page shows its facts."""
    left, foot = dice.randint(0, 12), dice.uniform(0.05, 0.25)
    return _bytes(
        image.crop((left, 0, image.width - dice.randint(0, 12), int(image.height * (1 - foot)))),
        "PNG",
    )


def phone(image: Image.Image, dice: random.Random) -> bytes:
    """Photograph a screen by hand: at an angle, a little blurred, unevenly lit, with noise."""
    rgb = np.asarray(image.convert("RGB"))
    height, width = rgb.shape[:2]
    frame = 60
    out_w, out_h = width + 2 * frame, height + 2 * frame
    tilt = np.tan(np.radians(dice.uniform(-2.5, 2.5)))
    sway = [dice.uniform(-0.018, 0.018) * width for _ in range(8)]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    seen = corners + np.array(sway, dtype=np.float32).reshape(4, 2) + frame
    seen[:, 1] += (tilt * (corners[:, 0] - width / 2)).astype(np.float32)
    turn = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    shot = cv2.warpPerspective(
        rgb, turn, (out_w, out_h), flags=cv2.INTER_CUBIC, borderValue=(38, 36, 34)
    )
    shot = cv2.GaussianBlur(shot, (0, 0), dice.uniform(0.5, 0.9))
    light = np.linspace(dice.uniform(0.75, 0.95), dice.uniform(0.9, 1.05), out_w)[None, :, None]
    grain = np.random.default_rng(dice.randint(0, 10**6)).normal(0, 4, shot.shape)
    lit = np.clip(shot * light + grain, 0, 255).astype(np.uint8)
    return _bytes(Image.fromarray(lit), "JPEG", quality=85)


DAMAGES: dict[str, Damage] = {
    "jpeg30": jpeg30, "phone": phone, "crop": crop, "webp60": webp60, "half": half,
}  # fmt: skip
