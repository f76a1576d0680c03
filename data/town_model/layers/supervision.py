"""Layers of supervision: the monthly index of each village."""

from __future__ import annotations

from town_model.fields import Column, Layer
from town_model.layers._common import VILLAGE

LAYERS = (
    Layer(
        "area_index",
        None,
        "满意度指数",
        "Area index",
        (
            Column(
                "village",
                "ref",
                VILLAGE.zh,
                VILLAGE.en,
                refers_to="villages",
                required=True,
                aliases=VILLAGE.aliases,
            ),
            Column(
                "month",
                "text",
                "月份",
                "Month",
                required=True,
                help_zh="如 2026-05。",
                help_en="Such as 2026-05.",
            ),
            Column(
                "score",
                "real",
                "得分",
                "Score",
                minimum=0,
                maximum=100,
                required=True,
                aliases=("满意度", "指数", "安全感"),
            ),
            Column(
                "sample_size",
                "integer",
                "样本数",
                "Sample size",
                minimum=0,
                maximum=1_000_000,
                aliases=("样本量", "调查户数"),
            ),
        ),
        help_zh="各村每月群众安全感满意度。",
        help_en="Monthly satisfaction index per village.",
    ),
)
