"""Creates a container in an account of Azure Blob Storage, signed with the account's key: container.py URL NAME.

Put Blob and its like are the store's own affair; containers are made by whoever owns the account.
"""

import base64
import email.utils
import hashlib
import hmac
import os
import sys
import urllib.request

url, name = sys.argv[1:]
account, key = os.environ["AZURE_STORAGE_ACCOUNT_NAME"], os.environ["AZURE_STORAGE_ACCOUNT_KEY"]
date, version = email.utils.formatdate(usegmt=True), "2021-12-02"
path = f"/{account}/{name}"
# the verb, eleven headers that are not sent, those of x-ms-, the resource (Authorize with Shared Key)
text = "PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:{version}\n/{account}{path}\nrestype:container"
signature = base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()
headers = {"x-ms-date": date, "x-ms-version": version, "Authorization": f"SharedKey {account}:{signature}"}
request = urllib.request.Request(f"{url}{path}?restype=container", method="PUT", headers=headers)
urllib.request.urlopen(request).read()
