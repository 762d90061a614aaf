#!/usr/bin/env python3
"""Writes harbour.wav, the song of harbour.toml: 16 seconds, 120 beats a minute, two sections.

The song beside this file was made of it with:
    python3 harbour.py && ffmpeg -i harbour.wav -c:a aac -b:a 128k harbour.m4a
"""

import array
import math
import random
import wave

RATE = 44100
BEAT = 0.5  # seconds
BARS = 8  # of four beats
FADE = 0.01  # seconds in which a sound begins

CHORDS = [(57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62)]  # Am F C G, as MIDI notes

left = [0.0] * int(RATE * BEAT * 4 * BARS)
right = [0.0] * len(left)


def frequency(note):
    return 440 * 2 ** ((note - 69) / 12)


def add(start, seconds, sound, pan=0.0):
    """Adds sound(t), t in seconds from its start. pan: -1 left, 1 right."""
    first = round(start * RATE)
    for i in range(int(seconds * RATE)):
        if first + i >= len(left):
            break
        t = i / RATE
        value = sound(t) * min(1, t / FADE)
        left[first + i] += value * (1 - pan) / 2
        right[first + i] += value * (1 + pan) / 2


def tone(note, loudness, decay, overtones):
    f = 2 * math.pi * frequency(note)
    return lambda t: loudness * math.exp(-t / decay) * sum(
        math.sin(f * (k + 1) * t) * part for k, part in enumerate(overtones))


def kick(t):
    return 0.9 * math.sin(2 * math.pi * (48 * t + 2 * (1 - math.exp(-t / 0.03)))) * math.exp(-t / 0.1)


def noise(loudness, decay, seed):
    draw = random.Random(seed)
    return lambda t: loudness * draw.uniform(-1, 1) * math.exp(-t / decay)


for bar in range(BARS):
    start = bar * 4 * BEAT
    chord = CHORDS[bar % 4]
    loud = bar >= BARS // 2  # the second half is the chorus
    for i, note in enumerate(chord):
        add(start, 4 * BEAT, tone(note, 0.12, 1.6, (1, 0.4, 0.15)), pan=(i - 1) * 0.6)
    add(start, 4 * BEAT, tone(chord[0] - 24, 0.5, 0.9, (1, 0.5, 0.2)))
    for eighth in range(8):
        note = chord[(0, 1, 2, 1)[eighth % 4]] + 12
        add(start + eighth * BEAT / 2, 0.6, tone(note, 0.16 if loud else 0.1, 0.25, (1, 0.25)),
            pan=0.5 * (-1) ** eighth)
    for beat in range(4):
        at = start + beat * BEAT
        if loud or beat in (0, 2):
            add(at, 0.4, kick)
        if loud and beat in (1, 3):
            add(at, 0.25, noise(0.5, 0.07, bar * 4 + beat))
        if loud:
            add(at + BEAT / 2, 0.08, noise(0.2, 0.02, 1000 + bar * 4 + beat), pan=0.3)

peak = max(max(map(abs, left)), max(map(abs, right)))
samples = array.array("h")
for pair in zip(left, right):
    samples.extend(round(0.8 * 32767 * value / peak) for value in pair)
with wave.open("harbour.wav", "wb") as file:
    file.setnchannels(2)
    file.setsampwidth(2)
    file.setframerate(RATE)
    file.writeframes(samples.tobytes())
