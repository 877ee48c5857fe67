"""Web hooks: messages of a shop become events that count once, and what cannot be used is told and kept, harmless."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from purvey_server import PROGRAM, SOURCE, Server, purvey

SHOP_MAP = SOURCE / "packs" / "hook" / "shop.toml"


def order_message(kind="order.created", **changes):
    order = {"id": 1001, "created_at": "2026-01-02T09:15:00+01:00", "total_price": "21.00", "currency": "EUR",
             "channel": "web", "customer": {"id": 770_771_772, "email": "anna@example.org", "first_name": "Anna"},
             "shipping_address": {"country": "DE", "street": "Hauptstrasse 5"},
             "line_items": [{"sku": "TEA", "quantity": 2, "price": "4.50"}, {"sku": "CUP", "quantity": 1, "price": 12}]}
    return {"event": kind, "sent_at": "2026-01-02T10:00:00Z", "order": order | changes}


def stock_message():
    return {"event": "inventory.updated", "sent_at": "2026-01-02T10:05:00Z",
            "inventory_levels": [{"sku": "TEA", "location": "BERLIN", "available": 40},
                                 {"sku": "CUP", "location": "BERLIN", "available": 0}]}


class HookTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.settings(f'[[hook]]\nname = "shop"\nmap = "{SHOP_MAP}"\n')

    def settings(self, text):
        (self.folder / "purvey.toml").write_text(text, encoding="utf-8")

    def start(self):
        server = Server(self.folder)
        self.addCleanup(lambda: server.process.poll() is None and server.process.kill())
        return server

    def post(self, server, body, name="shop", **more):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return server.ask(f"/api/v1/hooks/{name}", body, **{"kind": "application/json", **more})

    def sql(self, question):
        return json.loads(purvey("sql", "--data", "data", "--json", question, cwd=self.folder))

    def wait_for(self, server, path, expected):
        end = time.monotonic() + 10
        while (answer := server.ask(path)) != expected and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(answer, expected)

    def test_an_order_and_its_stock_come_in_and_a_delivery_that_comes_twice_counts_once(self):
        server = self.start()
        for _ in range(2):
            self.assertEqual(self.post(server, order_message()), (202, {"accepted": 1, "rejected": []}))
        self.assertEqual(self.post(server, order_message("order.paid", paid_at="2026-01-02T08:20:00Z")),
                         (202, {"accepted": 1, "rejected": []}))
        self.assertEqual(self.post(server, order_message("order.shipped", tracking={"company": "DHL"})),
                         (202, {"accepted": 1, "rejected": []}))
        self.assertEqual(self.post(server, stock_message()), (202, {"accepted": 2, "rejected": []}))
        self.wait_for(server, "/api/v1/stock?sku=TEA&warehouse=BERLIN",
                      (200, {"sku": "TEA", "warehouse": "BERLIN", "on_hand": 40,
                             "reserved": 0, "in_transit": 0, "available": 40}))
        self.assertEqual(server.ask("/api/v1/orders/1001"), (200, {
            "order_id": "1001", "status": "shipped", "placed_at": "2026-01-02T08:15:00Z",
            "paid_at": "2026-01-02T08:20:00Z", "shipped_at": "2026-01-02T10:00:00Z", "channel": "web", "region": "DE",
            "carrier": "DHL", "units": 3}))
        self.assertEqual(server.ask("/api/v1/quality")[1], [
            {"source": "/import/shop", "received": 6, "accepted": 5, "late": 0, "duplicate": 1, "conflict": 0,
             "too_old": 0, "quarantined": 0, "rejected": 0}])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.sql("select step, inferred from order_step order by 1"),
                         [{"step": "paid", "inferred": False}, {"step": "shipped", "inferred": True}])
        self.assertEqual(self.sql("select amount::double as amount, currency from order_head"),
                         [{"amount": 21.0, "currency": "EUR"}])

    def test_the_messages_of_the_documents_give_what_they_say(self):
        page = (SOURCE / "docs" / "hooks.md").read_text(encoding="utf-8")
        messages = [block.encode() for block in re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]
        server = self.start()
        self.assertEqual([self.post(server, message) for message in messages],
                         [(202, {"accepted": 1, "rejected": []}), (202, {"accepted": 2, "rejected": []})])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.sql("select sku, qty::int as qty from order_line order by 1"),
                         [{"sku": "CUP", "qty": 1}, {"sku": "TEA", "qty": 2}])

    def test_what_gives_no_event_is_told_with_its_row_and_kept_without_persons(self):
        server = self.start()
        bad = order_message(line_items=[{"sku": "TEA", "quantity": "two", "price": 1}, {"sku": "CUP", "quantity": 1, "price": 1}])
        good = order_message(id=4)
        self.assertEqual(self.post(server, [bad, order_message(id=2, created_at="soon"), good]), (202, {"accepted": 1, "rejected": [
            {"index": 0, "id": "", "row": "order.line_items[0]",
             "reason": 'wrong_type: order.line_items[0].quantity: no number: "two"'},
            {"index": 1, "id": "", "row": "order",
             "reason": 'bad_time: order.created_at: a time in none of the patterns of dates: "soon"'}]}))
        # Nothing of an order with a bad line was taken, so that it can come again once it is mended.
        self.assertEqual(server.ask("/api/v1/orders/1001")[0], 404)
        status, answer = self.post(server, order_message(id=3, total_price="1.005"))
        self.assertEqual((status, answer["accepted"], answer["rejected"][0]["id"]), (400, 0, "3/placed"))
        self.assertTrue(answer["rejected"][0]["reason"].startswith("too_many_decimals: data.amount"), answer)
        self.assertEqual(self.post(server, b'{"order":')[0], 400)
        self.assertEqual(self.post(server, order_message(customer={"id": "x" * 300}))[1]["rejected"][0]["reason"],
                         "too_long: customer_id: longer than 256 bytes")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.sql("select source, verdict, reason, sum(n)::int as n from quality group by all order by 3"), [
            {"source": "/import/shop", "verdict": "accepted", "reason": "", "n": 1},
            {"source": "/import/shop", "verdict": "rejected", "reason": "bad_time", "n": 1},
            {"source": "/import/shop", "verdict": "rejected", "reason": "not_json", "n": 1},
            {"source": "/import/shop", "verdict": "rejected", "reason": "too_long", "n": 1},
            {"source": "/import/shop", "verdict": "rejected", "reason": "too_many_decimals", "n": 1},
            {"source": "/import/shop", "verdict": "rejected", "reason": "wrong_type", "n": 1}])
        letters = self.sql("select reason, raw from dead_letter")
        self.assertEqual(len(letters), 5)
        kept = " ".join(letter["raw"] for letter in letters)
        self.assertIn('"created_at":"soon"', kept)
        for personal in ("anna", "Anna", "770771772", "Hauptstrasse", "xxxx"):
            self.assertNotIn(personal, kept)
        for path in self.folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"anna@example.org", path.read_bytes(), path)

    def test_what_the_map_declines_is_counted_and_is_no_fault_of_the_shop(self):
        server = self.start()
        self.assertEqual(self.post(server, order_message(test=True)), (202, {"accepted": 0, "rejected": [
            {"index": 0, "id": "", "row": "order", "reason": "not_mapped: order: a test order"}]}))
        self.assertEqual(self.post(server, order_message("order.edited"))[0], 202)
        self.assertEqual(self.post(server, {"event": "inventory.updated", "inventory_levels": []}),
                         (202, {"accepted": 0, "rejected": []}))
        status, answer = self.post(server, {"event": "customer.created"})
        self.assertEqual((status, answer["rejected"][0]["reason"]),
                         (202, "not_mapped: the message has no rows; the map looks for order, inventory_levels"))
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.sql("select reason, sum(n)::int as n from quality group by 1"), [{"reason": "not_mapped", "n": 3}])

    def test_what_a_hook_takes_and_answers_is_that_of_events(self):
        server = self.start()
        lines = b"\n".join(json.dumps(order_message(id=number)).encode() for number in range(3))
        self.assertEqual(self.post(server, lines, kind="application/x-ndjson"), (202, {"accepted": 3, "rejected": []}))
        self.assertEqual(self.post(server, b"id=8", kind="application/x-www-form-urlencoded")[0], 415)
        self.assertEqual(self.post(server, b"[{}")[0], 400)
        self.assertEqual(self.post(server, b"[]")[0], 400)
        self.assertEqual(self.post(server, b"x" * (9 << 20))[0], 413)
        wide = {"sent_at": "x" * 40_000, "inventory_levels": [{}] * 100_000}
        self.assertEqual(self.post(server, wide)[0], 413)
        self.assertEqual(server.ask("/api/v1/hooks/shop")[0], 405)
        self.assertEqual(self.post(server, order_message(), name="shoop"),
                         (404, {"error": {"code": "unknown_hook", "message": "no hook 'shoop': there is: shop"}}))
        self.assertIn("/api/v1/hooks/{name}", server.ask("/api/openapi.json")[1]["paths"])
        self.assertEqual(server.stop(), 0)

    def test_a_signed_hook_takes_its_signature_and_no_token(self):
        secret = self.folder / "shop.secret"
        secret.write_text("correct horse\n", encoding="ascii")
        secret.chmod(0o600)
        self.settings("[server]\nauth = true\n"
                      f'[[hook]]\nname = "shop"\nmap = "{SHOP_MAP}"\nsecret_file = "shop.secret"\n'
                      'signature_header = "X-Shop-Hmac-SHA256"\nsignature = "base64"\n'
                      f'[[hook]]\nname = "open"\nmap = "{SHOP_MAP}"\n')
        server = self.start()
        body = json.dumps(order_message()).encode()

        def signed(text, key=b"correct horse"):
            return {"X-Shop-Hmac-SHA256": base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()}

        self.assertEqual(self.post(server, body, headers=signed(body))[0], 202)
        self.assertEqual(self.post(server, body + b" ", headers=signed(body))[0], 401)
        self.assertEqual(self.post(server, body, headers=signed(body, b"battery staple"))[0], 401)
        self.assertEqual(self.post(server, body)[1]["error"]["code"], "bad_signature")
        # Of other hooks nothing is told to who has no token, not even whether there are any.
        answers = {json.dumps(self.post(server, body, name=name)) for name in ("open", "none", "shop2")}
        self.assertEqual(len(answers), 1)
        self.assertEqual(json.loads(answers.pop())[0], 401)
        token = (server.data / "admin.token").read_text(encoding="ascii").strip()
        bearer = {"authorization": f"Bearer {token}"}
        self.assertEqual(self.post(server, body, name="open", headers=bearer)[0], 202)
        self.assertIn("open, shop", self.post(server, body, name="none", headers=bearer)[1]["error"]["message"])
        self.assertEqual(self.post(server, body, headers=bearer)[0], 401)
        self.assertEqual(server.stop(), 0)
        os.chmod(secret, 0o644)
        self.assertIn("chmod 600", self.refusal())

    def refusal(self):
        done = subprocess.run([PROGRAM, "run", "--data", "data", "--listen", "127.0.0.1:0"], cwd=self.folder,
                              capture_output=True, text=True, check=False, timeout=30)
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr


if __name__ == "__main__":
    unittest.main()
