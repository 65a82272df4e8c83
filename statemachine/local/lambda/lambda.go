// Package lambda runs deployed functions as AWS Lambda does: the zip that was
// deployed, as a process that speaks the Lambda Runtime API, with the
// environment, timeout and role that the deployment gave it.
//
// Sources: the Lambda developer guide's "Using the Lambda runtime API", "Defined
// runtime environment variables" and "Understanding the execution environment
// lifecycle"; API_Invoke of the API reference.
package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// maxPayload is Lambda's quota for a synchronous request or response.
const maxPayload = 6 << 20

// Config says where a service finds things and puts things.
type Config struct {
	// AWS reaches the services that hold functions, code and roles.
	AWS aws.Config
	// Endpoint is the AWS_ENDPOINT_URL that functions get.
	Endpoint string
	// Code is a folder for unpacked code.
	Code string
	// Logs is a folder; a function's output goes to lambda-<function>.log.
	Logs string
	// ErrorLog gets asynchronous invocations that failed for good; nil for nowhere.
	ErrorLog *log.Logger
}

// Service is the part of Lambda that invokes functions. It is safe for
// concurrent use.
type Service struct {
	config   Config
	deployed *deployed
	sts      stscreds.AssumeRoleAPIClient
	callers  sync.Map // functions' names by access key id
	pool     *pool
	errlog   *log.Logger
	later    invokingLater
}

// New returns a service without any process; the first invocation of a
// function starts one.
func New(config Config) *Service {
	s := &Service{
		config: config,
		deployed: &deployed{
			functions: lambda.NewFromConfig(config.AWS),
			objects:   s3.NewFromConfig(config.AWS),
			folder:    config.Code,
		},
		sts:    sts.NewFromConfig(config.AWS),
		errlog: cmp.Or(config.ErrorLog, log.New(io.Discard, "", 0)),
		later:  invokingLater{retryDelay: time.Second, stopping: make(chan struct{})},
	}
	s.pool = &pool{start: s.start, idle: map[*environment]bool{}}
	return s
}

// Caller returns the function to which an access key was given, or "".
func (s *Service) Caller(accessKeyID string) string {
	name, _ := s.callers.Load(accessKeyID)
	function, _ := name.(string)
	return function
}

// Stop ends every process, also busy ones, and waits for that.
func (s *Service) Stop() {
	s.later.stop()
	s.pool.close()
}

// Kill kills the processes of a function that are handling an event, as when AWS loses a
// machine, and returns how many.
func (s *Service) Kill(function string) int { return s.pool.kill(function) }

// functionName finds the name in the forms that API_Invoke allows: a name, an
// ARN or a partial ARN, each with or without a qualifier.
var functionName = regexp.MustCompile(`^(?:(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?function:)?([A-Za-z0-9_-]+)(?::[^:]+)?$`)

// Invoke answers an Invoke request for a function's name or ARN. It knows the
// invocation types RequestResponse and Event.
func (s *Service) Invoke(w http.ResponseWriter, r *http.Request, function string) {
	name := functionName.FindStringSubmatch(function)
	if name == nil {
		fail(w, http.StatusBadRequest, "InvalidParameterValueException", "not a function's name: "+function)
		return
	}
	kind := cmp.Or(types.InvocationType(r.Header.Get("X-Amz-Invocation-Type")), types.InvocationTypeRequestResponse)
	if kind != types.InvocationTypeRequestResponse && kind != types.InvocationTypeEvent {
		fail(w, http.StatusBadRequest, "InvalidParameterValueException", "the laptop cloud does not know the invocation type "+string(kind))
		return
	}
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", err.Error())
		return
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	var result *result
	if kind == types.InvocationTypeEvent {
		err = s.invokeLater(r.Context(), name[1], payload)
	} else {
		result, err = s.invoke(r.Context(), name[1], payload)
	}
	switch notFound := new(types.ResourceNotFoundException); {
	case errors.As(err, &notFound):
		fail(w, http.StatusNotFound, notFound.ErrorCode(), notFound.ErrorMessage())
	case err != nil:
		fail(w, http.StatusInternalServerError, "ServiceException", err.Error())
	case result == nil:
		w.WriteHeader(http.StatusAccepted)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amz-Executed-Version", "$LATEST")
		if result.functionError != "" {
			w.Header().Set("X-Amz-Function-Error", result.functionError)
		}
		_, _ = w.Write(result.payload)
	}
}

// invoke invokes the function as it is deployed now.
func (s *Service) invoke(ctx context.Context, name string, payload []byte) (*result, error) {
	fn, err := s.deployed.function(ctx, name)
	if err != nil {
		return nil, err
	}
	env, err := s.pool.acquire(fn)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer s.pool.release(env)
	// A caller that leaves does not interrupt the function.
	return env.invoke(payload), nil
}

// fail answers as Lambda does for an error of its own.
func fail(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": strings.TrimSpace(message)})
}
