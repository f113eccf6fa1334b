"""`/docs` and `/openapi.json`: the API described to people and to programs, without a byte from elsewhere."""

import json
from importlib.resources import files
from pathlib import Path

from fastapi import Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import FileResponse, HTMLResponse, Response

from app.answers import answer
from app.errors import Problem
from app.routing import Router

ASSETS = Path(str(files("fastapi_offline") / "static"))
NAMES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")

# The page's own script is inline, and so are some of its styles and images.
POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"

router = Router(include_in_schema=False)


@router.get("/openapi.json")
async def show_openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return answer(json.dumps(request.app.openapi(), ensure_ascii=False))


@router.get("/docs")
async def show_docs(request: Request) -> HTMLResponse:
    """A page to read the document, and to try it."""
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=request.app.title,
        swagger_js_url=f"docs/{NAMES[0]}",
        swagger_css_url=f"docs/{NAMES[1]}",
        swagger_favicon_url=f"docs/{NAMES[2]}",
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": True},
    )
    page.headers["Content-Security-Policy"] = POLICY
    return page


@router.get("/docs/{name}")
async def show_asset(name: str) -> FileResponse:
    """A file that the page is made of."""
    if name not in NAMES:
        raise Problem.not_found()
    return FileResponse(ASSETS / name)
