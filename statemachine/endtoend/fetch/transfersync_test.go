package fetch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
)

// Configurations as TransferSync has them deploy: one without host keys, with @weekly and
// on-demand, and one with a host key. The installation is updated from one to the other, and
// back to what it was.
func TestConfigurationsOfTransferSyncDeploy(t *testing.T) {
	reset(t)
	t.Cleanup(func() {
		_, err := cloud.Deploy(context.Background(), nil) // The test's own has ended.
		assert.NoError(t, err)
	})
	tests := []struct {
		file, url string
		hostKeys  int
		syncs     []string
	}{
		{"transfersync-example.json", "sftp://sftp.partner.example", 0, []string{"/home/one", "/home/two", "/home/three"}},
		{
			"transfersync-connection.json", "sftp://s-1c44277eaa5c49b48.server.transfer.us-east-1.amazonaws.com", 1,
			[]string{"/example-sftp/test1/folder-1", "/example-sftp/test1/folder-2", "/example-sftp/test1/folder-3"},
		},
	}
	connector := cloud.Outputs.ConnectorID
	for _, tt := range tests {
		text, err := os.ReadFile("../../../shared/domain/fetchconfig/testdata/" + tt.file)
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), tt.file)
		filledIn := strings.ReplaceAll(string(text), "arn:aws:kms:<region>:<accountID>:key/<keyId>",
			"arn:aws:kms:"+local.Region+":"+local.AccountID+":key/00000000-0000-4000-8000-000000000001")
		require.NoError(t, os.WriteFile(file, []byte(filledIn), 0o600))

		_, err = cloud.Deploy(t.Context(), map[string]string{"configuration": file})
		require.NoError(t, err)

		assert.Equal(t, connector, cloud.Outputs.ConnectorID, "a connector keeps its id and addresses")
		described, err := transfer.NewFromConfig(cloud.AWS()).DescribeConnector(t.Context(), &transfer.DescribeConnectorInput{ConnectorId: &connector})
		require.NoError(t, err)
		assert.Equal(t, tt.url, aws.ToString(described.Connector.Url))
		assert.Len(t, described.Connector.SftpConfig.TrustedHostKeys, tt.hostKeys)
		parameters, err := ssm.NewFromConfig(cloud.AWS()).GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/fetch-files/syncs")})
		require.NoError(t, err)
		require.Len(t, parameters.Parameters, len(tt.syncs), "those of the configuration before are gone")
		var all strings.Builder
		for _, p := range parameters.Parameters {
			all.WriteString(aws.ToString(p.Value))
		}
		for _, folder := range tt.syncs {
			assert.Contains(t, all.String(), `"Folder":"`+folder+`"`)
		}
	}
}
