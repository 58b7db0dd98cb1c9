PLUGIN_META = {
    "id": "hello-world",
    "name": "Hello World",
    "version": "1.0.0",
    "author": "Your Name",
    "description": "A minimal example plugin",
}


def register(ctx) -> None:
    from fastapi import APIRouter

    router = APIRouter()

    @router.get("/hello")
    async def hello():
        return {"message": "Hello from Hello World plugin!"}

    ctx.include_router(router, prefix="/hello-world")
