# Sourced by the scripts here: where the parts of one machine find each other.
export FAZHU_VAR="${FAZHU_VAR:-$PWD/var}"
export FAZHU_PORT="${FAZHU_PORT:-8000}" FAZHU_BOT_PORT="${FAZHU_BOT_PORT:-5005}" FAZHU_ACTIONS_PORT="${FAZHU_ACTIONS_PORT:-5055}"
export FAZHU_BOT_URL="${FAZHU_BOT_URL:-http://127.0.0.1:$FAZHU_BOT_PORT}"
export FAZHU_ACTIONS_URL="${FAZHU_ACTIONS_URL:-http://127.0.0.1:$FAZHU_ACTIONS_PORT}"
