"""Secrets Manager, as far as policies and templates name its secrets."""

import json

from moto.core.common_models import CloudFormationModel
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend, secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse

from patching import replaces


@replaces(SecretsManagerResponse, "_determine_resource")
def determine_secret(_, self) -> str:
    """A policy names a secret by its ARN, which ends in six characters that are not in
    its name. A request may have the name."""
    name = self._get_param("SecretId")
    if not name:
        return "*"
    backend = secretsmanager_backends[self.current_account][self.region]
    if name in backend.secrets:
        return backend.secrets[name].arn
    if name.startswith("arn:"):
        return name
    return f"arn:aws:secretsmanager:{self.region}:{self.current_account}:secret:{name}-000000"


class SecretOfTemplate(CloudFormationModel):
    """AWS::SecretsManager::Secret, with a value of its own or a generated one."""

    __module__ = "moto.secretsmanager.models"  # moto looks for models in its own modules only.

    def __init__(self, secret: FakeSecret):
        self.secret = secret

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SecretsManager::Secret"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Id"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.secret.arn

    @property
    def physical_resource_id(self) -> str:
        return self.secret.arn

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        backend = secretsmanager_backends[account_id][region_name]
        properties = cloudformation_json.get("Properties", {})
        backend.create_secret(
            name=resource_name,
            secret_string=_value(backend, properties),
            secret_binary=None,
            description=properties.get("Description"),
            tags=properties.get("Tags", []),
            kms_key_id=properties.get("KmsKeyId"),
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        return cls(backend.secrets[resource_name])

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        """A generated value stays, and so does one that somebody put there, unless the
        template has one of its own."""
        properties = cloudformation_json.get("Properties", {})
        secret = original_resource.secret
        backend = secretsmanager_backends[account_id][region_name]
        if value := properties.get("SecretString"):
            backend.put_secret_value(secret.arn, value, None, None, None)
        secret.description = properties.get("Description")
        secret.tags = properties.get("Tags", [])
        secret.kms_key_id = properties.get("KmsKeyId")
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name
    ):
        secretsmanager_backends[account_id][region_name].secrets.pop(resource_name)


def _value(backend: SecretsManagerBackend, properties: dict) -> str | None:
    """Returns the value of a new secret: "AWS::SecretsManager::Secret
    GenerateSecretString" in the CloudFormation user guide."""
    generated = properties.get("GenerateSecretString")
    if generated is None:
        return properties.get("SecretString")
    password = backend.get_random_password(
        password_length=int(generated.get("PasswordLength", 32)),
        exclude_characters=generated.get("ExcludeCharacters", ""),
        exclude_numbers=_is_true(generated.get("ExcludeNumbers")),
        exclude_punctuation=_is_true(generated.get("ExcludePunctuation")),
        exclude_uppercase=_is_true(generated.get("ExcludeUppercase")),
        exclude_lowercase=_is_true(generated.get("ExcludeLowercase")),
        include_space=_is_true(generated.get("IncludeSpace")),
        require_each_included_type=_is_true(generated.get("RequireEachIncludedType", True)),
    )
    password = json.loads(password)["RandomPassword"]
    if "GenerateStringKey" not in generated:
        return password
    template = json.loads(generated["SecretStringTemplate"])
    return json.dumps(template | {generated["GenerateStringKey"]: password})


def _is_true(value: bool | str | None) -> bool:
    return str(value).lower() == "true"
