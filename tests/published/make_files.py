#!/usr/bin/env python3
"""make_files.py [--containers | --diffusers | --full-size] FOLDER: checkpoints as their makers' own programs write them, small.

Each case is a folder with a model file, what lies beside it, and expected.safetensors: inputs, and
what the makers' own modules made of them in float32. tests/published reads the files with latentreel
and compares. Needs tests/published/requirements.txt; the same files each time.
"""

import collections
import json
import pathlib
import sys
import types

import numpy
import omegaconf
import open_clip
import torch
import transformers
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg, CustomTextCLIP
from safetensors.torch import save_file
from taming.modules.diffusionmodules.model import Decoder, Encoder
from taming.modules.vqvae.quantize import GumbelQuantize, VectorQuantizer2

VOCABULARY = 600
CONTEXT = 77

# The nine of OpenAI, each in its own shape at reduced width and depth: image tower's layers, width,
# patch, resolution; embedding; text width.
OPENAI = {
    "RN50": ((1, 2, 2, 1), 8, None, 64, 64, 64),
    "RN101": ((1, 2, 4, 1), 8, None, 64, 32, 64),
    "RN50x4": ((1, 2, 3, 2), 10, None, 96, 40, 64),
    "RN50x16": ((2, 2, 4, 2), 12, None, 96, 48, 64),
    "RN50x64": ((1, 3, 5, 2), 16, None, 128, 64, 128),
    "ViT-B-32": (3, 128, 32, 64, 32, 64),
    "ViT-B-16": (3, 128, 16, 64, 32, 64),
    "ViT-L-14": (4, 192, 14, 56, 48, 64),
    "ViT-L-14-336px": (4, 192, 14, 84, 48, 64),
}


def randomise(module, seed):
    """Numbers of a trained network's size, so that no part of it can be left out unnoticed."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in list(module.named_parameters()) + list(module.named_buffers()):
            if not value.is_floating_point() or name.endswith(("position_ids", "attn_mask")):
                continue
            noise = torch.randn(value.shape, generator=generator)
            if name.endswith("running_var"):
                value.copy_(1 + 0.2 * noise.abs())
            elif name.endswith("logit_scale"):
                value.fill_(4.6052)
            elif value.dim() >= 2:
                value.copy_(noise / (value[0].numel() ** 0.5))
            elif name.endswith("weight"):
                value.copy_(1 + 0.2 * noise)
            else:
                value.copy_(0.1 * noise)
    return module.eval()


def clip_inputs(resolution, seed=5):
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(2, 3, resolution, resolution, generator=generator)
    tokens = torch.zeros(2, CONTEXT, dtype=torch.long)
    for row, length in enumerate((4, 9)):
        tokens[row, 0] = VOCABULARY - 2
        tokens[row, 1:length] = torch.randint(0, VOCABULARY - 2, (length - 1,), generator=generator)
        tokens[row, length] = VOCABULARY - 1
    return image, tokens


def normalised(image, mean, std):
    return (image - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)


def save_clip_expectation(folder, image, tokens, image_embedding, text_embedding):
    save_file(
        {
            "image": image.contiguous(),
            "tokens": tokens.contiguous(),
            "image_embedding": image_embedding.float().contiguous(),
            "text_embedding": text_embedding.float().contiguous(),
        },
        folder / "expected.safetensors",
    )


# ---- OpenAI: TorchScript archives with weights partly in half precision -----------------------------


def small_clip(shape, quick_gelu, kind=CLIP, vocabulary=VOCABULARY):
    layers, width, patch, resolution, embed, text_width = shape
    vision = CLIPVisionCfg(layers=layers, width=width, image_size=resolution)
    if patch:
        vision.patch_size = patch
    text = CLIPTextCfg(
        context_length=CONTEXT, vocab_size=vocabulary, width=text_width, heads=text_width // 64, layers=2
    )
    return kind(embed, vision, text, quick_gelu=quick_gelu)


def is_half_in_openai_files(name):
    """models.md 1.8: convolutions, linear layers, attention and projections."""
    if ".bn" in name or ".ln_" in name or "downsample.1" in name or name.startswith("ln_final"):
        return False
    return not (
        name in ("logit_scale", "positional_embedding", "token_embedding.weight")
        or name.endswith(("class_embedding", "positional_embedding", "running_mean", "running_var"))
    )


def make_openai(folder, shape, seed, vocabulary=VOCABULARY):
    model = randomise(small_clip(shape, quick_gelu=True, vocabulary=vocabulary), seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if is_half_in_openai_files(name):
                value.copy_(value.half().float())
    image, tokens = clip_inputs(shape[3])
    mean, std = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD
    with torch.no_grad():
        save_clip_expectation(
            folder, image, tokens, model.encode_image(normalised(image, mean, std)), model.encode_text(tokens)
        )
    facts = {"input_resolution": shape[3], "context_length": CONTEXT, "vocab_size": vocabulary}
    for name, fact in facts.items():  # which open_clip keeps as plain numbers
        vars(model).pop(name, None)
        model.register_buffer(name, torch.tensor(fact))
    traced = torch.jit.trace(model, (image, tokens), check_trace=False)
    for name, value in traced.named_parameters():
        if is_half_in_openai_files(name):
            value.data = value.data.half()
    torch.jit.save(traced, str(folder / "model.pt"))


# ---- Hugging Face ---------------------------------------------------------------------------------------


def make_hugging_face(folder, seed, act, writer, mean=None):
    config = transformers.CLIPConfig(
        text_config=dict(
            vocab_size=VOCABULARY, hidden_size=64, intermediate_size=256, num_hidden_layers=2,
            num_attention_heads=1, max_position_embeddings=CONTEXT, hidden_act=act, eos_token_id=2,
        ),
        vision_config=dict(
            hidden_size=160, intermediate_size=640, num_hidden_layers=3, num_attention_heads=2,
            image_size=64, patch_size=16, hidden_act=act,
        ),
        projection_dim=32,
    )  # fmt: skip
    model = randomise(transformers.CLIPModel(config), seed)
    mean = mean or list(open_clip.OPENAI_DATASET_MEAN)
    std = [0.5] * 3 if mean == [0.5] * 3 else list(open_clip.OPENAI_DATASET_STD)
    image, tokens = clip_inputs(64)
    with torch.no_grad():
        pooled = model.vision_model(pixel_values=normalised(image, mean, std)).pooler_output
        text = model.text_model(input_ids=tokens).pooler_output
        save_clip_expectation(
            folder, image, tokens, model.visual_projection(pooled), model.text_projection(text)
        )
    if writer == "safetensors":
        model.save_pretrained(folder)
    else:  # as transformers wrote them for years, with a buffer that newer ones leave out
        weights = collections.OrderedDict(model.state_dict())
        weights["text_model.embeddings.position_ids"] = torch.arange(CONTEXT).unsqueeze(0)
        torch.save(weights, folder / "pytorch_model.bin")
        (folder / "config.json").write_text(json.dumps(config.to_dict()))
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": mean, "image_std": std}))


# ---- open_clip -------------------------------------------------------------------------------------------


def make_open_clip(folder, seed, kind, quick_gelu, writer):
    shape = (3, 128, 16, 64, 32, 64)
    model = randomise(small_clip(shape, quick_gelu, kind), seed)
    image, tokens = clip_inputs(shape[3])
    mean, std = [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]
    with torch.no_grad():
        save_clip_expectation(
            folder, image, tokens, model.encode_image(normalised(image, mean, std)), model.encode_text(tokens)
        )
    config = {
        "model_cfg": {"embed_dim": 32, "quick_gelu": quick_gelu, "vision_cfg": {"width": 128}},
        "preprocess_cfg": {"mean": mean, "std": std, "interpolation": "bicubic"},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    if writer == "safetensors":
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "open_clip_model.safetensors")
    else:  # what its training writes: from DistributedDataParallel, beside the optimizer
        state = {"module." + name: value for name, value in model.state_dict().items()}
        state["module.logit_scale"] = state["module.logit_scale"].reshape(1)
        optimizer = torch.optim.AdamW(model.parameters())
        torch.save(
            {"epoch": 3, "name": "run", "state_dict": state, "optimizer": optimizer.state_dict()},
            folder / "epoch_3.pt",
        )


# ---- VQGAN -------------------------------------------------------------------------------------------------


class Vqgan(torch.nn.Module):
    """The inference half of taming's VQModel and GumbelVQ, under their names."""

    def __init__(self, network, codes, gumbel):
        super().__init__()
        self.encoder = Encoder(**network)
        self.decoder = Decoder(**network)
        embed = network["z_channels"]
        if gumbel:
            self.quantize = GumbelQuantize(embed, embed, n_embed=codes, kl_weight=1e-8, temp_init=1.0)
        else:
            self.quantize = VectorQuantizer2(codes, embed, beta=0.25)
        self.quant_conv = torch.nn.Conv2d(embed, embed, 1)
        self.post_quant_conv = torch.nn.Conv2d(embed, embed, 1)

    def forward(self, image):
        z = self.quant_conv(self.encoder(2 * image - 1))
        return z, self.decoder(self.post_quant_conv(z))


NETWORK_F16 = dict(
    double_z=False, z_channels=32, resolution=64, in_channels=3, out_ch=3, ch=32, ch_mult=[1, 1, 2, 2, 4],
    num_res_blocks=2, attn_resolutions=[4], dropout=0.0,
)  # fmt: skip
NETWORK_F8 = dict(NETWORK_F16, ch_mult=[1, 1, 2, 4], attn_resolutions=[8])
NETWORK_F4 = dict(NETWORK_F16, ch_mult=[1, 2, 4], attn_resolutions=[])


def pretend_lightning():
    """The class by which Lightning 1.0 keys its callbacks. Only its name gets into the file."""
    module = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    checkpoint = type("ModelCheckpoint", (), {"__module__": module.__name__})
    module.ModelCheckpoint = checkpoint
    for name in ("pytorch_lightning", "pytorch_lightning.callbacks"):
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules[module.__name__] = module
    return checkpoint


def lightning_checkpoint(model, state, version):
    """A checkpoint as Lightning 0.9 and 1.0 shape it, with the loss's networks and the optimizers."""
    state = collections.OrderedDict(state)
    state["loss.perceptual_loss.scaling_layer.shift"] = torch.randn(1, 3, 1, 1)
    state["loss.discriminator.main.0.weight"] = torch.randn(8, 3, 4, 4)
    optimizer = torch.optim.Adam(model.parameters())
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    checkpoint = {
        "epoch": 12,
        "global_step": 34567,
        "pytorch-lightning_version": version,
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [],
        "state_dict": state,
    }
    if version.startswith("0.9"):
        checkpoint["checkpoint_callback_best_model_score"] = torch.tensor(0.5)
        checkpoint["checkpoint_callback_best_model_path"] = "/somewhere/last.ckpt"
    else:
        checkpoint["callbacks"] = {
            pretend_lightning(): {"best_model_score": torch.tensor(0.5), "best_model_path": "/x/last.ckpt"}
        }
        # As in community files: a configuration object where plain numbers would do.
        checkpoint["hyper_parameters"] = omegaconf.OmegaConf.create({"lr": 4.5e-06, "sizes": [1, 2]})
        checkpoint["hparams_type"] = omegaconf.DictConfig
    return checkpoint


def yaml_of(target, network, codes, indent=""):
    sides = ", ".join(str(side) for side in network["attn_resolutions"])
    lines = [
        f"target: {target}",
        "params:",
        f"  embed_dim: {network['z_channels']}",
        f"  n_embed: {codes}",
        "  ddconfig:",
        "    double_z: False",
        f"    z_channels: {network['z_channels']}",
        f"    resolution: {network['resolution']}",
        "    in_channels: 3",
        "    out_ch: 3",
        f"    ch: {network['ch']}",
        f"    ch_mult: [ {','.join(str(m) for m in network['ch_mult'])}]  # num_down = len(ch_mult)-1",
        "    num_res_blocks: 2",
        f"    attn_resolutions: [{sides}]",
        "    dropout: 0.0",
    ]
    return "".join(f"{indent}{line}\n" for line in lines)


def make_vqgan(folder, seed, kind):
    gumbel = kind == "gumbel_f8"
    network = {"gumbel_f8": NETWORK_F8, "f4_noattn": NETWORK_F4}.get(kind, NETWORK_F16)
    codes = {"f16_1024": 64, "f16_16384": 256}.get(kind, 96)
    model = Vqgan(network, codes, gumbel)
    if kind == "f4_noattn":  # latent-diffusion's `attn_type: none` puts this in the place of attention
        for half in (model.encoder, model.decoder):
            half.mid.attn_1 = torch.nn.Identity()
    randomise(model, seed)
    image = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        z, picture = model(image)
        book = model.quantize.embed.weight if gumbel else model.quantize.embedding.weight
        flat = z.permute(0, 2, 3, 1).reshape(-1, z.shape[1])
        nearest = torch.cdist(flat.double(), book.double()).argmin(1).view(1, *z.shape[2:])
    save_file(
        {"image": image, "z": z.contiguous(), "codes": nearest.contiguous(), "picture": picture.contiguous()},
        folder / "expected.safetensors",
    )
    state = model.state_dict()
    target = "taming.models.vqgan." + ("GumbelVQ" if gumbel else "VQModel")
    config = "model:\n  base_learning_rate: 4.5e-06\n" + yaml_of(target, network, codes, "  ")
    if kind == "f4_noattn":
        config += "      attn_type: none\n"
    if kind == "transformer":
        other = Vqgan(dict(network, in_channels=183, out_ch=183), 8, False)
        state = {"first_stage_model." + name: value for name, value in state.items()}
        state.update({"cond_stage_model." + name: value for name, value in other.state_dict().items()})
        state["transformer.tok_emb.weight"] = torch.randn(16, 8)
        config = (
            "model:\n  target: taming.models.cond_transformer.Net2NetTransformer\n  params:\n"
            "    first_stage_config:\n" + yaml_of(target, network, codes, "      ")
        )
    version = "0.9.0" if kind == "f16_1024" else "1.0.8"
    torch.save(
        lightning_checkpoint(model, state, version),
        folder / "last.ckpt",
        _use_new_zipfile_serialization=kind != "f16_1024",  # the 2020 ones may be legacy
    )
    (folder / "model.yaml").write_text(config)


def make_diffusers(folder):
    """Those that lie in tests/models/diffusers: so small that they need no Python to be tested with.
    Needs diffusers, which is not among the requirements."""
    import diffusers

    model = diffusers.VQModel(
        block_out_channels=(4, 8), layers_per_block=1, latent_channels=4, num_vq_embeddings=16,
        down_block_types=("DownEncoderBlock2D", "AttnDownEncoderBlock2D"),
        up_block_types=("AttnUpDecoderBlock2D", "UpDecoderBlock2D"), norm_num_groups=2,
    )  # fmt: skip
    randomise(model, 600).save_pretrained(folder)
    image = torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        z = model.encode(2 * image - 1).latents
        picture = model.decode(z, force_not_quantize=True).sample
    save_file(
        {"image": image, "z": z.contiguous(), "picture": picture.contiguous()}, folder / "expected.safetensors"
    )


# ---- Every container and type ----------------------------------------------------------------------------


def mixed_tensors():
    generator = torch.Generator().manual_seed(3)
    base = torch.randn(6, 8, generator=generator)
    return {
        "f16": base.half(),
        "bf16": base.bfloat16(),
        "f32": base,
        "f64": base.double(),
        "i8": (base * 50).to(torch.int8),
        "u8": (base.abs() * 50).to(torch.uint8),
        "i16": (base * 5000).to(torch.int16),
        "i32": (base * 5e8).to(torch.int32),
        "i64": (base * 5e17).to(torch.int64),
        "bool": base > 0,
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "row": base[2],  # views of one storage
        "column": base[:, 3],
        "transposed": base.t(),
        "part": base[1:4, 2:7],
        "every_other": base.flatten()[1::2],
        "parameter": torch.nn.Parameter(base.clone()),
        "channels_last": torch.randn(2, 3, 4, 5, generator=generator).to(memory_format=torch.channels_last),
    }


class Nested(torch.nn.Module):
    def __init__(self, tensors):
        super().__init__()
        self.inner = torch.nn.Module()
        for name, value in tensors.items():
            self.inner.register_buffer(name, value.detach())

    def forward(self, x):
        return x + self.inner.f32


def make_containers(folder):
    tensors = mixed_tensors()
    save_file({name: value.detach().contiguous().clone() for name, value in tensors.items()},
              folder / "expected.safetensors")  # fmt: skip
    torch.save(tensors, folder / "zip.pt")
    torch.save(tensors, folder / "zip_protocol_4.pt", pickle_protocol=4)
    torch.save(collections.OrderedDict(tensors), folder / "zip_ordered.pt")
    torch.save({"state_dict": tensors, "epoch": 1}, folder / "zip_wrapped.pt")
    torch.save({"f32": tensors["f32"], "optimizer": {}}, folder / "zip_training.pt")
    torch.save(tensors, folder / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(collections.OrderedDict(tensors), folder / "legacy_ordered.pt", _use_new_zipfile_serialization=False)
    scripted = torch.jit.trace(Nested(tensors), torch.zeros(6, 8), check_trace=False)
    torch.jit.save(scripted, str(folder / "torchscript.pt"))


# ---- Of full size ------------------------------------------------------------------------------------------


def make_full_size(folder):
    """Files as large as the published ones: ViT-B/32, and the f16 VQGAN of 16384 codes with its
    optimizer's state, which is two thirds of it."""
    clip = CLIP(512, CLIPVisionCfg(layers=12, width=768, patch_size=32, image_size=224), CLIPTextCfg(), quick_gelu=True)
    clip.eval()
    inputs = (torch.zeros(1, 3, 224, 224), torch.zeros(1, CONTEXT, dtype=torch.long))
    traced = torch.jit.trace(clip, inputs, check_trace=False)
    for name, value in traced.named_parameters():
        if is_half_in_openai_files(name):
            value.data = value.data.half()
    torch.jit.save(traced, str(folder / "ViT-B-32.pt"))
    network = dict(NETWORK_F16, z_channels=256, resolution=256, ch=128, attn_resolutions=[16])
    vqgan = Vqgan(network, 16384, False)
    torch.save(lightning_checkpoint(vqgan, vqgan.state_dict(), "1.0.8"), folder / "last.ckpt")


def main():
    if sys.argv[1] == "--full-size":
        make_full_size(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1] == "--containers":  # those that lie in tests/models/containers
        make_containers(pathlib.Path(sys.argv[2]))
        return
    if sys.argv[1] == "--diffusers":
        make_diffusers(pathlib.Path(sys.argv[2]))
        return
    root = pathlib.Path(sys.argv[1])

    def case(name):
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    torch.manual_seed(0)
    numpy.random.seed(0)
    make_containers(case("containers"))
    for seed, (name, shape) in enumerate(OPENAI.items()):
        make_openai(case("openai/" + name), shape, 100 + seed)
    for name in ("ViT-B-32", "RN50"):  # to be rendered with, with every word
        make_openai(case("every_word/" + name), OPENAI[name], 500, vocabulary=49408)
    make_hugging_face(case("hugging_face/quick_gelu"), 200, "quick_gelu", "safetensors")
    make_hugging_face(case("hugging_face/gelu"), 201, "gelu", "safetensors", [0.5] * 3)
    make_hugging_face(case("hugging_face/bin"), 202, "quick_gelu", "bin")
    make_open_clip(case("open_clip/plain"), 300, CLIP, True, "safetensors")
    make_open_clip(case("open_clip/parallel"), 301, CLIP, False, "torch")
    make_open_clip(case("open_clip/custom_text"), 302, CustomTextCLIP, False, "safetensors")
    for seed, kind in enumerate(("f16_1024", "f16_16384", "gumbel_f8", "transformer", "f4_noattn")):
        make_vqgan(case("vqgan/" + kind), 400 + seed, kind)


if __name__ == "__main__":
    main()
