package connectors

import (
	"context"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
)

// task is a piece of work with what it takes to do it.
type task struct {
	Work
	connector *types.DescribedConnector
	// event is the detail type of its event without the last word.
	event string
	// detail are the fields of its event that are known before. Its result is added.
	detail map[string]any
	// do does it, and returns fields of its event.
	do func(context.Context, *connection) (map[string]any, error)
	// started and ended are told of a file; nil for none.
	started func()
	ended   func(*Failure)
}

func (t *task) isFile() bool { return t.Operation == "StartFileTransfer" }

// work does one task after the other on one connection, which begins with the first that
// needs it, and anew after one that failed with it.
func (s *Service) work(next func() (*task, bool)) {
	var open *connection
	defer func() { open.close() }()
	for {
		t, ok := next()
		if !ok {
			return
		}
		if t.started != nil {
			t.started()
		}
		begun := time.Now()
		failure := s.before(t.Work)
		fields := map[string]any{}
		if failure == nil {
			open, fields, failure = s.try(t, open)
		}
		if s.ctx.Err() != nil {
			return
		}
		if t.ended != nil {
			t.ended(failure)
		}
		s.tell(t.report(begun, fields, failure))
	}
}

// try does a task, and returns the connection if it is still good.
func (s *Service) try(t *task, open *connection) (*connection, map[string]any, *Failure) {
	if open == nil {
		var failure *Failure
		if open, failure = s.connect(s.ctx, t.connector); failure != nil {
			return nil, nil, failure
		}
	}
	fields, err := t.do(s.ctx, open)
	if err == nil {
		return open, fields, nil
	}
	failure := open.explain(err)
	if open.isBroken() {
		open.close()
		open = nil
	}
	return open, nil, failure
}

// report returns the event about a task that has ended.
func (t *task) report(begun time.Time, fields map[string]any, failure *Failure) Event {
	detail := map[string]any{
		"connector-id": *t.connector.ConnectorId, "url": *t.connector.Url,
		"start-timestamp": timestamp(begun), "end-timestamp": timestamp(time.Now()), "status-code": completed,
	}
	maps.Copy(detail, t.detail)
	maps.Copy(detail, fields)
	event := Event{DetailType: t.event + " Completed", Detail: detail, connectorARN: *t.connector.Arn}
	if failure != nil {
		event.DetailType = t.event + " Failed"
		detail["status-code"], detail["failure-code"], detail["failure-message"] = failed, failure.Code, failure.Message
	}
	return event
}
