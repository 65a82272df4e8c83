"""The way of lambda-s3-sftp (https://github.com/yunojuno/lambda-s3-sftp): for each object an
invocation, which connects, writes the file by one stream, and deletes the object."""

import os

import boto3
import paramiko

bucket = boto3.resource("s3").Bucket(os.environ["SOURCE_BUCKET"])
for summary in list(bucket.objects.filter(Prefix=os.environ["SOURCE_PREFIX"])):
    transport = paramiko.Transport((os.environ["SSH_HOST"], int(os.environ["SSH_PORT"])))
    transport.connect(username=os.environ["SSH_USERNAME"], password=os.environ["SSH_PASSWORD"])
    with paramiko.SFTPClient.from_transport(transport) as sftp:
        s3_object = summary.Object()
        with sftp.file(summary.key.rsplit("/", 1)[-1], "w") as sftp_file:
            s3_object.download_fileobj(Fileobj=sftp_file)
        s3_object.delete()
    transport.close()
