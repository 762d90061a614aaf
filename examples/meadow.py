#!/usr/bin/env python3
"""Draws meadow.y4m, the clip of meadow.toml: 6 seconds, 12 frames a second, 192x128. A balloon rises before
the hills and drifts to the right, a cloud passes behind it, and the ground goes by below.

The clip beside this file was made of it with:
    python3 meadow.py && ffmpeg -i meadow.y4m -c:v libx264 -crf 20 -pix_fmt yuv420p meadow.mp4
"""

import math

WIDTH, HEIGHT, FPS, SECONDS = 192, 128, 12, 6
SKY, CLOUD, FAR, NEAR = (130, 190, 240), (250, 250, 250), (120, 180, 110), (70, 140, 60)
BALLOON, STRIPE, BASKET = (210, 60, 50), (245, 210, 90), (120, 80, 40)


def balloon(x, y, u, v):
    """The colour of the balloon at (x, y) where its middle is (u, v); None beside it."""
    dx, dy = x - u, y - v
    if dx * dx + dy * dy < 24 * 24:
        return STRIPE if (dx + 60) % 16 < 6 else BALLOON
    if abs(dx) < 7 and 30 < dy < 40:
        return BASKET
    if 20 < dy <= 30 and abs(abs(dx) - (12 - (dy - 20) * 0.6)) < 1:
        return BASKET
    return None


def cloud(x, y, u):
    return any((x - u - a) ** 2 + 1.6 * (y - 26 - b) ** 2 < r * r
               for a, b, r in ((0, 0, 13), (14, 3, 11), (-14, 4, 10)))


def ground(x, y, t):
    far = 88 + 8 * math.sin((x + 8 * t) / 23)
    near = 104 + 7 * math.sin((x + 26 * t) / 31)
    if y > near:
        return NEAR if (x + 26 * t) % 40 < 36 else (230, 220, 90)  # a yellow row of flowers
    return FAR if y > far else None


def pixel(x, y, t):
    found = balloon(x, y, 50 + 14 * t, 78 - 7 * t) or ground(x, y, t)
    if found:
        return found
    return CLOUD if cloud(x, y, 150 - 12 * t) else SKY


def yuv(r, g, b):
    """BT.601, limited range."""
    y = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255
    u = 128 + (-37.797 * r - 74.203 * g + 112.0 * b) / 255
    v = 128 + (112.0 * r - 93.786 * g - 18.214 * b) / 255
    return round(y), round(u), round(v)


with open("meadow.y4m", "wb") as file:
    file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C444\n".encode())
    for frame in range(FPS * SECONDS):
        t = frame / FPS
        planes = [bytearray(), bytearray(), bytearray()]
        for row in range(HEIGHT):
            for column in range(WIDTH):
                # Four samples a pixel, for smooth edges.
                samples = [pixel(column + i, row + j, t) for i in (0.25, 0.75) for j in (0.25, 0.75)]
                mean = [sum(s[c] for s in samples) / 4 for c in range(3)]
                for plane, value in zip(planes, yuv(*mean)):
                    plane.append(value)
        file.write(b"FRAME\n" + b"".join(planes))
