"""The smallest plugin: one route. What it says is a setting."""

PLUGIN_META = {
    "id": "hello-world",
    "name": "Hello World",
    "version": "1.0.0",
    "author": "The examples",
    "description": "A minimal example plugin",
}


def register(ctx) -> None:
    from fastapi import APIRouter

    router = APIRouter()
    greeting = ctx.get_setting("greeting", default="Hi")

    @router.get("/hello")
    async def hello():
        return {"message": f"{greeting} from Hello World plugin!"}

    ctx.include_router(router, prefix="/hello-world")
