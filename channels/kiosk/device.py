"""Which kiosk asks: known by the token it was given at the desk."""

import asyncio
from typing import Annotated

from fastapi import Depends, Header

from channels.errors import ApiError
from referrals import devices
from referrals.devices import Known


class DeviceUnknown(ApiError):
    status = 401
    code = "device_unknown"
    message = "这台自助机还没有登记，或者已经停用，请联系管理员。"


async def _device(x_kiosk_token: Annotated[str, Header(max_length=200)] = "") -> Known:
    """
    Raises:
        DeviceUnknown: no kiosk that is switched on has this token.
    """
    found = await asyncio.to_thread(devices.known, x_kiosk_token) if x_kiosk_token else None
    if found is None:
        raise DeviceUnknown
    return found


DeviceDep = Annotated[Known, Depends(_device)]
