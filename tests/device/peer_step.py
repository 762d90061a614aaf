#!/usr/bin/env python3
"""One step of the published VQGAN+CLIP recipe as a Python program would do it: the opponent.

The networks are VQGAN f16 with 16384 codes (Esser et al. 2021) and CLIP's ViT-B/32 (Radford et al.
2021), the recipe is the notebooks': 32 cutouts of the pooled picture, augmented by affine maps,
perspective, colour jitter and erasing (kornia's formulas), noise, the great-circle distance, Adam on
a quantized latent. Everything is stock PyTorch in eager mode or under torch.compile; weights are
random, since values do not change how long arithmetic takes.

    peer_step.py --side 512 --precision published --steps 20

  --precision published   the VQGAN in float32 with TF32 convolutions (PyTorch's defaults), CLIP in
                          float16: what the notebooks ran
              float32     everything in float32, no TF32
              bfloat16    autocast
  --compile MODE          torch.compile with that mode (default, reduce-overhead, …), else eager
  --small                 small networks, to try the script where there is no GPU

Writes JSON: milliseconds of a step (mean, median, and the 10th and 90th of a hundred), peak memory of
the device, seconds of preparing.
"""

import argparse
import json
import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


# --- VQGAN: decoder and quantizer -----------------------------------------------------------------


def norm(channels, groups=32):
    return nn.GroupNorm(groups, channels, eps=1e-6)


def swish(x):
    return x * torch.sigmoid(x)


class ResnetBlock(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.norm1, self.conv1 = norm(cin), nn.Conv2d(cin, cout, 3, padding=1)
        self.norm2, self.conv2 = norm(cout), nn.Conv2d(cout, cout, 3, padding=1)
        self.shortcut = nn.Conv2d(cin, cout, 1) if cin != cout else nn.Identity()

    def forward(self, x):
        h = self.conv1(swish(self.norm1(x)))
        h = self.conv2(swish(self.norm2(h)))
        return self.shortcut(x) + h


class AttnBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = norm(channels)
        self.q, self.k, self.v, self.proj = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        b, c, h, w = x.shape
        n = self.norm(x)
        q, k, v = (f(n).reshape(b, c, h * w) for f in (self.q, self.k, self.v))
        weights = torch.softmax(torch.bmm(q.transpose(1, 2), k) * c**-0.5, dim=2)
        return x + self.proj(torch.bmm(v, weights.transpose(1, 2)).reshape(b, c, h, w))


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Decoder(nn.Module):
    def __init__(self, channels, multipliers, blocks, z_channels, codes):
        super().__init__()
        width = channels * multipliers[-1]
        layers = [nn.Conv2d(z_channels, z_channels, 1), nn.Conv2d(z_channels, width, 3, padding=1),
                  ResnetBlock(width, width), AttnBlock(width), ResnetBlock(width, width)]
        for level in reversed(range(len(multipliers))):
            for _ in range(blocks + 1):
                layers.append(ResnetBlock(width, channels * multipliers[level]))
                width = channels * multipliers[level]
                if level == len(multipliers) - 1:
                    layers.append(AttnBlock(width))
            if level > 0:
                layers.append(Upsample(width))
        self.layers = nn.Sequential(*layers)
        self.norm_out, self.conv_out = norm(width), nn.Conv2d(width, 3, 3, padding=1)
        self.codebook = nn.Parameter(torch.randn(codes, z_channels))

    def forward(self, z):
        return self.conv_out(swish(self.norm_out(self.layers(z))))

    def quantize(self, z):
        x = z.movedim(1, 3)
        distances = (x.pow(2).sum(-1, keepdim=True) + self.codebook.pow(2).sum(1)
                     - 2 * x @ self.codebook.T)
        one_hot = F.one_hot(distances.argmin(-1), self.codebook.shape[0]).to(self.codebook.dtype)
        quantized = (one_hot @ self.codebook).movedim(3, 1)
        return z + (quantized - z).detach()


class ClampWithGrad(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(0, 1)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (grad * (x - x.clamp(0, 1)) >= 0)


# --- CLIP: the image tower ------------------------------------------------------------------------


class LayerNorm(nn.LayerNorm):
    """Statistics in float32, whatever the numbers are."""

    def forward(self, x):
        return super().forward(x.float()).to(x.dtype)


class QuickGelu(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.ln_2 = LayerNorm(width), LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), QuickGelu(), nn.Linear(4 * width, width))

    def forward(self, x):
        n = self.ln_1(x)
        x = x + self.attn(n, n, n, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class ImageTower(nn.Module):
    def __init__(self, resolution, patch, width, layers, heads, embed):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, stride=patch, bias=False)
        tokens = (resolution // patch) ** 2 + 1
        self.class_embedding = nn.Parameter(torch.randn(width) * width**-0.5)
        self.positional_embedding = nn.Parameter(torch.randn(tokens, width) * width**-0.5)
        self.ln_pre, self.ln_post = LayerNorm(width), LayerNorm(width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.proj = nn.Parameter(torch.randn(width, embed) * width**-0.5)

    def forward(self, images):
        x = self.conv1(images.to(self.conv1.weight.dtype)).flatten(2).transpose(1, 2)
        first = self.class_embedding.to(x.dtype).expand(x.shape[0], 1, -1)
        x = self.ln_pre(torch.cat([first, x], 1) + self.positional_embedding.to(x.dtype))
        x = self.blocks(x.transpose(0, 1)).transpose(0, 1)
        return self.ln_post(x[:, 0]) @ self.proj


def to_half(tower):
    """What clip.load does on a GPU: products in float16, norms and embeddings left as they are."""
    for module in tower.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.MultiheadAttention)):
            module.half()
    tower.proj.data = tower.proj.data.half()


# --- Cutouts --------------------------------------------------------------------------------------


def sample(x, maps):
    """x seen through maps [N, 3, 3] from pixels of the output to pixels of x; zeros outside."""
    n, _, h, w = x.shape
    ys, xs = torch.meshgrid(torch.arange(h, device=x.device, dtype=x.dtype),
                            torch.arange(w, device=x.device, dtype=x.dtype), indexing="ij")
    places = torch.stack([xs, ys, torch.ones_like(xs)], -1).view(1, h * w, 3) @ maps.transpose(1, 2)
    places = places[..., :2] / places[..., 2:]
    scale = torch.tensor([2 / w, 2 / h], device=x.device, dtype=x.dtype)
    grid = (places * scale + scale / 2 - 1).view(n, h, w, 2)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def some(n, device, p=0.7):
    return torch.rand(n, device=device) < p


def affine(x):
    n, _, h, w = x.shape
    d = x.device
    angle = torch.deg2rad(torch.empty(n, device=d).uniform_(-15, 15))
    shear = torch.tan(torch.deg2rad(torch.empty(n, device=d).uniform_(-5, 5)))
    down = torch.empty(n, device=d).uniform_(-0.1 * h, 0.1 * h)
    c, s, cx, cy = torch.cos(angle), torch.sin(angle), (w - 1) / 2, (h - 1) / 2
    zero, one = torch.zeros_like(c), torch.ones_like(c)
    turn = torch.stack([c, c * shear - s, zero, s, s * shear + c, zero, zero, zero, one], 1)
    turn = turn.view(n, 3, 3)
    to = torch.eye(3, device=d).repeat(n, 1, 1)
    to[:, 0, 2], to[:, 1, 2] = cx, cy + down
    back = torch.eye(3, device=d).repeat(n, 1, 1)
    back[:, 0, 2], back[:, 1, 2] = -cx, -cy
    maps = torch.linalg.inv(to @ turn @ back)
    return torch.where(some(n, d).view(n, 1, 1, 1), sample(x, maps), x)


def perspective(x):
    n, _, h, w = x.shape
    d = x.device
    corners = torch.tensor([[0, 0], [w - 1, 0], [w - 1, h - 1], [0, h - 1]], device=d,
                           dtype=x.dtype).repeat(n, 1, 1)
    inwards = torch.tensor([[1, 1], [-1, 1], [-1, -1], [1, -1]], device=d, dtype=x.dtype)
    moved = corners + inwards * torch.rand(n, 4, 2, device=d) * 0.7 * torch.tensor(
        [w / 2, h / 2], device=d)
    # From the output's corners, which moved, to the picture's: eight equations a map.
    u, v, a, b = moved[..., 0], moved[..., 1], corners[..., 0], corners[..., 1]
    zero, one = torch.zeros_like(u), torch.ones_like(u)
    left = torch.cat([torch.stack([u, v, one, zero, zero, zero, -u * a, -v * a], 2),
                      torch.stack([zero, zero, zero, u, v, one, -u * b, -v * b], 2)], 1)
    numbers = torch.linalg.solve(left, torch.cat([a, b], 1).unsqueeze(2)).squeeze(2)
    maps = torch.cat([numbers, torch.ones(n, 1, device=d)], 1).view(n, 3, 3)
    return torch.where(some(n, d).view(n, 1, 1, 1), sample(x, maps), x)


def to_hsv(x):
    high, low = x.amax(1), x.amin(1)
    span = high - low
    r, g, b = x.unbind(1)
    safe = torch.where(span == 0, torch.ones_like(span), span)
    hue = torch.where(high == r, (g - b) / safe, torch.where(high == g, 2 + (b - r) / safe,
                                                              4 + (r - g) / safe))
    return (hue / 6) % 1.0, span / (high + 1e-6), high


def to_rgb(hue, saturation, value):
    k = (torch.tensor([5.0, 3.0, 1.0], device=hue.device).view(1, 3, 1, 1) + hue.unsqueeze(1) * 6) % 6
    ramp = torch.minimum(k, 4 - k).clamp(0, 1)
    return value.unsqueeze(1) * (1 - saturation.unsqueeze(1) * ramp)


def jitter(x):
    n = x.shape[0]

    def factor():
        return torch.empty(n, 1, 1, 1, device=x.device).uniform_(0.9, 1.1)

    y = (x + factor() - 1).clamp(0, 1)
    y = (y * factor()).clamp(0, 1)
    hue, saturation, value = to_hsv(y)
    y = to_rgb(hue, (saturation * factor().squeeze(1)).clamp(0, 1), value)
    hue, saturation, value = to_hsv(y)
    turned = (hue + torch.empty(n, 1, 1, device=x.device).uniform_(-0.1, 0.1)) % 1.0
    y = to_rgb(turned, saturation, value)
    return torch.where(some(n, x.device).view(n, 1, 1, 1), y, x)


def erase(x):
    _, _, h, w = x.shape
    area, ratio = 0.25 * h * w, 1.0
    height, width = int(math.sqrt(area * ratio)), int(math.sqrt(area / ratio))
    mask = torch.ones(1, 1, h, w, device=x.device)
    mask[..., h // 4:h // 4 + height, w // 4:w // 4 + width] = 0
    return x * mask


def cutouts(picture, count, resolution):
    pooled = (F.adaptive_avg_pool2d(picture, resolution) + F.adaptive_max_pool2d(picture, resolution)) / 2
    x = erase(jitter(perspective(affine(pooled.repeat(count, 1, 1, 1)))))
    strength = torch.empty(count, 1, 1, 1, device=x.device).uniform_(0, 0.1)
    return x + strength * torch.randn_like(x)


MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


class Step:
    def __init__(self, options):
        self.device = torch.device(options.device)
        torch.manual_seed(7)
        if options.small:
            decoder = Decoder(32, (1, 2), 1, 32, 64)
            tower, self.resolution, factor = ImageTower(32, 8, 64, 2, 2, 32), 32, 2
        else:
            decoder = Decoder(128, (1, 1, 2, 2, 4), 2, 256, 16384)
            tower, self.resolution, factor = ImageTower(224, 32, 768, 12, 12, 512), 224, 16
        self.decoder = decoder.to(self.device).requires_grad_(False)
        self.tower = tower.to(self.device).requires_grad_(False)
        self.autocast = torch.autocast(self.device.type, torch.bfloat16,
                                       enabled=options.precision == "bfloat16")
        if options.precision == "published":
            torch.backends.cudnn.allow_tf32 = True
            if self.device.type == "cuda" or options.small:
                to_half(self.tower)
        else:
            torch.backends.cudnn.allow_tf32 = options.precision == "bfloat16"
        if options.compile:
            self.decoder.forward = torch.compile(self.decoder.forward, mode=options.compile)
            self.tower.forward = torch.compile(self.tower.forward, mode=options.compile)
        self.mean = torch.tensor(MEAN, device=self.device).view(1, 3, 1, 1)
        self.std = torch.tensor(STD, device=self.device).view(1, 3, 1, 1)
        book = self.decoder.codebook
        self.low = book.amin(0).view(1, -1, 1, 1)
        self.high = book.amax(0).view(1, -1, 1, 1)
        cells = options.side // factor
        codes = torch.arange(cells * cells, device=self.device) * 5 % book.shape[0]
        self.z = book[codes].view(1, cells, cells, -1).movedim(3, 1).contiguous().requires_grad_()
        self.optimizer = torch.optim.Adam([self.z], lr=0.1)
        embed = self.tower.proj.shape[1]
        self.target = F.normalize(torch.arange(embed, device=self.device).float().sin(), dim=0)

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=True)
        quantized = self.decoder.quantize(self.z)  # the choice of codes is exact
        with self.autocast:
            raw = self.decoder(quantized)
        picture = ClampWithGrad.apply((raw.float() + 1) / 2)
        seen = (cutouts(picture, 32, self.resolution) - self.mean) / self.std
        with self.autocast:
            features = self.tower(seen)
        chord = (F.normalize(features.float(), dim=1) - self.target).norm(dim=1)
        loss = (chord / 2).arcsin().pow(2).mul(2).mean()
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            self.z.copy_(self.z.maximum(self.low).minimum(self.high))
        return loss.item()  # the notebooks look at it, and so the device has finished


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--precision", default="published",
                        choices=("published", "float32", "bfloat16"))
    parser.add_argument("--compile", default="")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()

    began = time.perf_counter()
    step = Step(options)
    for _ in range(3):
        step()
    prepared = time.perf_counter() - began
    if options.device.startswith("cuda"):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(options.device)
    milliseconds, loss = [], math.nan
    for _ in range(options.steps):
        began = time.perf_counter()
        loss = step()
        milliseconds.append((time.perf_counter() - began) * 1e3)
    milliseconds.sort()
    result = {
        "torch": torch.__version__,
        "networks": "small" if options.small else "f16-16384, ViT-B/32",
        "side": options.side,
        "precision": options.precision,
        "compile": options.compile or "eager",
        "ms": statistics.mean(milliseconds),
        "ms_50": statistics.median(milliseconds),
        "ms_10": milliseconds[len(milliseconds) // 10],
        "ms_90": milliseconds[len(milliseconds) * 9 // 10],
        "loss": loss,
        "preparing_s": prepared,
    }
    if options.device.startswith("cuda"):
        result["device_peak_bytes"] = torch.cuda.max_memory_allocated(options.device)
        result["device_reserved_bytes"] = torch.cuda.max_memory_reserved(options.device)
    print(json.dumps(result))
    return 0 if math.isfinite(loss) else 1


if __name__ == "__main__":
    sys.exit(main())
