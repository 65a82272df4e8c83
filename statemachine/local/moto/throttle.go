package moto

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// ThrottleStarts has moto at an address refuse the next starts of executions of a state machine
// by rules of EventBridge, as many as count, as Step Functions does beyond its rate
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
func ThrottleStarts(ctx context.Context, endpoint, stateMachine string, count int) error {
	body, err := json.Marshal(map[string]any{"stepfunctions": map[string]any{
		"execute_state_machine": true, "throttled_starts": map[string]int{stateMachine: count},
	}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/moto-api/config", bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return fmt.Errorf("moto's configuration: %s", response.Status)
	}
	return nil
}
