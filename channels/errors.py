"""Every error the gateway answers with: ``{"error": {"code", "message"}}``, the message for a citizen."""

import logging
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

log = logging.getLogger("fazhu")


class ApiError(Exception):
    status = 400
    code = "bad_request"
    message = "请求有误，请检查后再试。"
    headers: ClassVar[dict[str, str]] = {}


class NotJson(ApiError):
    code = "not_json"
    message = "内容不是有效的 JSON。"


class InvalidField(ApiError):
    status = 422
    code = "invalid"

    def __init__(self, field: str) -> None:
        self.message = f"字段 {field} 缺失或格式不对。"


class TextTooLong(ApiError):
    status = 422
    code = "text_too_long"

    def __init__(self, limit: int) -> None:
        self.message = f"内容太长了，请缩短到 {limit} 字以内，或者分几次说。"


class BodyTooLarge(ApiError):
    status = 413
    code = "body_too_large"
    message = "内容太大了，请缩短后再发。"


class TooManyRequests(ApiError):
    status = 429
    code = "too_many_requests"
    message = "发得太快了，请稍等一会儿再试；急事请拨打 12348。"
    headers: ClassVar = {"Retry-After": "60"}


class Busy(ApiError):
    status = 409
    code = "busy"
    message = "上一条还在处理，请稍等。"
    headers: ClassVar = {"Retry-After": "2"}


class ArticleNotFound(ApiError):
    status = 404
    code = "article_not_found"
    message = "没有找到这一条法律条文，请核对法律名称和条号。"


class TicketUnknown(ApiError):
    status = 404
    code = "ticket_not_found"
    message = "编号或查询码不对，没有查到这个工单。"


class TicketLocked(TooManyRequests):
    code = "ticket_locked"
    message = "查询码错的次数太多，请一刻钟后再试，或拨打 12348。"
    headers: ClassVar = {"Retry-After": "900"}


class SessionUnknown(ApiError):
    status = 404
    code = "session_not_found"
    message = "这段对话已经结束或过期了。"


class Unavailable(ApiError):
    status = 503
    code = "unavailable"
    message = "服务暂时不可用，请稍后再试；急事请拨打 12348，有危险请拨打 110。"


_STATUS_MESSAGES = {
    404: ("not_found", "没有这个页面。"),
    405: ("method_not_allowed", "不支持这种请求方式。"),
}


def _body(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def answer(error: ApiError) -> JSONResponse:
    return JSONResponse(_body(error.code, error.message), error.status, error.headers)


def install(app: FastAPI) -> None:
    """Give every failure the contract's form; nothing a citizen sent is logged."""

    @app.exception_handler(ApiError)
    async def api_error(_: Request, error: ApiError) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return answer(NotJson())
        return answer(InvalidField(".".join(str(part) for part in first["loc"][1:]) or "body"))

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        code, message = _STATUS_MESSAGES.get(error.status_code, ("http_error", "请求没有成功。"))
        return JSONResponse(_body(code, message), error.status_code, error.headers)

    @app.exception_handler(RedisError)
    @app.exception_handler(SQLAlchemyError)
    async def store_down(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s: %s", request.method, request.scope.get("route"), type(error).__name__)
        return answer(Unavailable())

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("%s: %s", request.method, type(error).__name__)
        return answer(Unavailable())
