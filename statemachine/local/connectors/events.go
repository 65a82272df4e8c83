package connectors

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// Event is what EventBridge is told when a piece of work has ended: "SFTP connector events"
// in the Transfer user guide. The fields of moves and deletes are not in that page.
type Event struct {
	// DetailType is such as "SFTP Connector File Retrieve Completed".
	DetailType string
	// Detail are its fields, such as connector-id and status-code.
	Detail map[string]any
	// connectorARN is what the event is about.
	connectorARN string
}

// location is a place in S3, as events have it.
func location(bucket, key string) map[string]any {
	return map[string]any{"domain": "S3", "bucket": bucket, "key": key}
}

// timestamp is a time as events have it.
func timestamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

// tell publishes an event, as often and as late as faults have it.
func (s *Service) tell(event Event) {
	for _, delay := range s.deliveries(event) {
		if delay == 0 {
			s.publish(event)
			continue
		}
		s.working.Go(func() {
			select {
			case <-time.After(delay):
				s.publish(event)
			case <-s.ctx.Done():
			}
		})
	}
}

func (s *Service) publish(event Event) {
	detail, err := json.Marshal(event.Detail)
	if err == nil {
		_, err = s.events.PutEvents(s.ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
			Source: aws.String("aws.transfer"), DetailType: &event.DetailType, Detail: aws.String(string(detail)), Resources: []string{event.connectorARN},
		}}})
	}
	if err != nil && s.ctx.Err() == nil {
		s.errlog.Printf("Transfer can't publish %q: %v", event.DetailType, err)
	}
}
