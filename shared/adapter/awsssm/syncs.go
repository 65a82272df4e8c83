package awsssm

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
)

// Syncs reads the syncs of fetch-files, each from a parameter of its own.
type Syncs struct {
	client ssm.GetParametersByPathAPIClient
	path   string
}

var _ fetchrun.Syncs = Syncs{}

// NewSyncs makes a Syncs for the parameters under a path.
func NewSyncs(cfg aws.Config, path string) Syncs {
	return Syncs{client: ssm.NewFromConfig(cfg), path: path}
}

// Read returns all syncs. It returns Misconfigured for a parameter that is none.
func (s Syncs) Read(ctx context.Context) ([]fetchconfig.Sync, error) {
	pages := ssm.NewGetParametersByPathPaginator(s.client, &ssm.GetParametersByPathInput{Path: &s.path})
	var syncs []fetchconfig.Sync
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the syncs under %s: %w", s.path, awsapi.Classify(err))
		}
		for _, parameter := range page.Parameters {
			sync, err := fetchconfig.ParseSync([]byte(aws.ToString(parameter.Value)))
			if err != nil {
				return nil, errkind.Errorf(errkind.Misconfigured, "the parameter %s is no sync; deploy again: %w", aws.ToString(parameter.Name), err)
			}
			syncs = append(syncs, *sync)
		}
	}
	return syncs, nil
}
