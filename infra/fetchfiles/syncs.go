package fetchfiles

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

// newParameters writes each sync into Parameter Store, where runs and the command line read
// it. A sync has its name in its logical id, so that one more or less changes no other.
func newParameters(scope constructs.Construct, s *Settings) {
	scope = constructs.NewConstruct(scope, jsii.String("Syncs"))
	for _, sync := range s.server.SyncSettings {
		awsssm.NewCfnParameter(scope, &sync.Name, &awsssm.CfnParameterProps{
			Name:        jsii.String(fetchconfig.ParameterPath(s.StackName) + sync.Name),
			Description: jsii.String("A sync of fetch-files; `make deploy` writes it"),
			Type:        jsii.String("String"),
			// More than 4 KB are charged for.
			Tier:  jsii.String("Intelligent-Tiering"),
			Value: jsii.String(sync.JSON()),
		})
	}
}

// newSchedules starts the runs of each sync that has a schedule.
func newSchedules(scope constructs.Construct, s *Settings, names *construct.Names, workflow *construct.Workflow, deadLetters awssqs.Queue) {
	var schedules []construct.NamedSchedule
	for _, sync := range s.server.SyncSettings {
		if sync.Schedule == fetchconfig.OnDemand {
			continue
		}
		input, err := json.Marshal(map[string]any{"sync": sync.Name, "scheduled": true})
		if err != nil {
			panic(err) // It is made of text.
		}
		schedules = append(schedules, construct.NamedSchedule{
			Name: sync.Name, Description: shorten("Fetches " + sync.RemoteFolders.Folder + " of " + s.server.Name),
			Expression: string(sync.Schedule), Enabled: s.startsRuns(), Input: string(input),
		})
	}
	construct.NewSchedules(scope, names, workflow, deadLetters, schedules)
}

// shorten returns a text that fits the description of a schedule
// (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html).
func shorten(text string) string {
	const most = 512
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
