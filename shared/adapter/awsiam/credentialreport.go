package awsiam

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	// reportInterval is how often IAM is asked whether its report is made, which takes
	// seconds, and some minutes in an account of thousands.
	reportInterval = 2 * time.Second
	reportTimeout  = 5 * time.Minute
)

// CredentialReporter reads IAM's credential report.
type CredentialReporter struct {
	client credentialReportClient
}

type credentialReportClient interface {
	GenerateCredentialReport(context.Context, *iam.GenerateCredentialReportInput, ...func(*iam.Options)) (*iam.GenerateCredentialReportOutput, error)
	GetCredentialReport(context.Context, *iam.GetCredentialReportInput, ...func(*iam.Options)) (*iam.GetCredentialReportOutput, error)
}

var _ access.CredentialReporter = CredentialReporter{}

// NewCredentialReporter makes a CredentialReporter for the AWS account of the configuration.
func NewCredentialReporter(cfg aws.Config) CredentialReporter {
	return CredentialReporter{client: iam.NewFromConfig(cfg)}
}

// CredentialReport has IAM make its report, unless it has one of the last four hours, and
// returns it. It returns Unavailable if that takes more than five minutes.
func (r CredentialReporter) CredentialReport(ctx context.Context) (access.CredentialReport, error) {
	if err := r.generate(ctx); err != nil {
		return access.CredentialReport{}, err
	}
	output, err := r.client.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	if err != nil {
		return access.CredentialReport{}, awsapi.Classify(err)
	}
	keys, err := parseReport(output.Content)
	if err != nil {
		return access.CredentialReport{}, errkind.Errorf(errkind.Unexpected, "IAM's credential report can't be read: %w", err)
	}
	return access.CredentialReport{GeneratedAt: aws.ToTime(output.GeneratedTime), Keys: keys}, nil
}

// CheckAllowed returns AccessDenied if the report may not be read. It does not have one made.
func (r CredentialReporter) CheckAllowed(ctx context.Context) error {
	_, err := r.client.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	if awsapi.Is(err, "ReportNotPresent", "ReportExpired", "ReportInProgress") {
		return nil
	}
	return awsapi.Classify(err)
}

// generate returns when the report is made.
func (r CredentialReporter) generate(ctx context.Context) error {
	for deadline := time.Now().Add(reportTimeout); time.Now().Before(deadline); {
		output, err := r.client.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		if err != nil {
			return awsapi.Classify(err)
		}
		if output.State == types.ReportStateTypeComplete {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(reportInterval):
		}
	}
	return errkind.Errorf(errkind.Unavailable, "IAM has not made its credential report within %v", reportTimeout)
}

// parseReport returns the keys of the report by username. Its format is that of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html#id_credentials_understanding_the_report_format
func parseReport(content []byte) (map[string][]access.ReportedKey, error) {
	records, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("it is empty")
	}
	columns := map[string]int{}
	for i, name := range records[0] {
		columns[name] = i
	}
	for _, name := range []string{"user", "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_2_active", "access_key_2_last_rotated"} {
		if _, ok := columns[name]; !ok {
			return nil, fmt.Errorf("it has no column %s", name)
		}
	}
	keys := map[string][]access.ReportedKey{}
	for _, record := range records[1:] {
		for _, prefix := range []string{"access_key_1_", "access_key_2_"} {
			field := func(name string) string {
				if i, ok := columns[prefix+name]; ok {
					return record[i]
				}
				return ""
			}
			// A user without that key has N/A instead of a time.
			createdAt, ok := parseTime(field("last_rotated"))
			if !ok {
				continue
			}
			key := access.ReportedKey{Active: field("active") == "true", CreatedAt: createdAt}
			if key.LastUsedAt, ok = parseTime(field("last_used_date")); ok {
				key.LastUsedService = known(field("last_used_service"))
			}
			username := record[columns["user"]]
			keys[username] = append(keys[username], key)
		}
	}
	return keys, nil
}

// parseTime returns false for N/A, no_information and the like.
func parseTime(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err == nil
}

func known(text string) string {
	if text == "N/A" || text == "not_supported" {
		return ""
	}
	return text
}
