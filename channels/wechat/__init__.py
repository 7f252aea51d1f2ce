"""The WeChat Official Account: messages, events, late answers, the menu. docs/wechat.md"""
