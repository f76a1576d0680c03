"""Browsers of accounts, for tests that ask pages and interfaces."""

import re

from geo_service.web import create_app

PASSWORD = "Shi-men-2026"


def form_token(client, path="/login"):
    """The token that a page's forms carry."""
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[1]


def log_in(app, name, password=PASSWORD):
    """A browser in which an account is logged in; its `token` is that of forms."""
    client = app.test_client()
    answer = client.post(
        "/login", data={"name": name, "password": password, "csrf_token": form_token(client)}
    )
    assert answer.status_code == 303, answer.text
    client.token = form_token(client, "/password")
    return client


def client_of(workspace, role):
    """A browser of the account ``<role>.a`` of a workspace, which is made where there is none; a cadre's village is the first."""
    name = f"{role}.a"
    if workspace.accounts.find(name) is None:
        scope = {"villages": [1]} if role == "cadre" else {}
        workspace.accounts.create_user(name, role=role, password=PASSWORD, **scope)
    return log_in(create_app(workspace), name)
