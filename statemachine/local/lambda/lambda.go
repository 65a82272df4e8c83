// Package lambda runs deployed functions as AWS Lambda does: the zip that was
// deployed, as a process that speaks the Lambda Runtime API, with the
// environment, timeout and role that the deployment gave it.
//
// Sources: the Lambda developer guide's "Using the Lambda runtime API", "Defined
// runtime environment variables" and "Understanding the execution environment
// lifecycle"; API_Invoke of the API reference.
package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	// Log gets what goes wrong with asynchronous invocations, which nobody
	// else would hear of.
	Log *log.Logger
}

// Service is Lambda's invoking half. It is safe for concurrent use.
type Service struct {
	config   Config
	deployed *deployed
	roles    *roles

	mu    sync.Mutex
	pools map[string]*pool
	// retired still have environments to wait for.
	retired []*pool
	// background counts invocations that nobody waits for.
	background sync.WaitGroup
}

// New returns a service without any process; the first invocation of a
// function starts one.
func New(config Config) *Service {
	return &Service{
		config: config,
		deployed: &deployed{
			functions: lambda.NewFromConfig(config.AWS),
			objects:   s3.NewFromConfig(config.AWS, func(o *s3.Options) { o.UsePathStyle = true }),
			folder:    config.Code,
		},
		roles: newRoles(sts.NewFromConfig(config.AWS)),
		pools: map[string]*pool{},
	}
}

// Caller returns the function to which an access key was given, or "".
func (s *Service) Caller(accessKeyID string) string { return s.roles.holder(accessKeyID) }

// Stop ends every process, busy or not, and waits for that.
func (s *Service) Stop() {
	s.mu.Lock()
	pools := slices.AppendSeq(s.retired, maps.Values(s.pools))
	s.pools = nil
	s.mu.Unlock()
	for _, p := range pools {
		p.close()
	}
	s.background.Wait()
}

// functionName finds the name in the forms that API_Invoke allows: a name, an
// ARN or a partial ARN, each with or without a qualifier.
var functionName = regexp.MustCompile(`^(?:(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?function:)?([A-Za-z0-9_-]+)(?::[^:]+)?$`)

// Invoke answers an Invoke request for a function's name or ARN.
func (s *Service) Invoke(w http.ResponseWriter, r *http.Request, function string) {
	name := functionName.FindStringSubmatch(function)
	if name == nil {
		fail(w, http.StatusBadRequest, "InvalidParameterValueException", "no function name: "+function)
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
	switch r.Header.Get("X-Amz-Invocation-Type") {
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	case "Event":
		s.invokeLater(name[1], payload)
		w.WriteHeader(http.StatusAccepted)
	default:
		s.invokeNow(r.Context(), w, name[1], payload)
	}
}

func (s *Service) invokeNow(ctx context.Context, w http.ResponseWriter, name string, payload []byte) {
	result, err := s.run(ctx, name, payload)
	switch notFound := new(types.ResourceNotFoundException); {
	case errors.As(err, &notFound):
		fail(w, http.StatusNotFound, notFound.ErrorCode(), notFound.ErrorMessage())
	case err != nil:
		fail(w, http.StatusInternalServerError, "ServiceException", err.Error())
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amz-Executed-Version", "$LATEST")
		if result.functionError != "" {
			w.Header().Set("X-Amz-Function-Error", result.functionError)
		}
		_, _ = w.Write(result.payload)
	}
}

func (s *Service) invokeLater(name string, payload []byte) {
	s.background.Go(func() {
		result, err := s.run(context.Background(), name, payload)
		if err == nil && result.functionError != "" {
			err = errors.New(string(result.payload))
		}
		if err != nil {
			s.config.Log.Printf("invoking %s: %v", name, err)
		}
	})
}

// run invokes the function as it is deployed now.
func (s *Service) run(ctx context.Context, name string, payload []byte) (*result, error) {
	fn, err := s.deployed.function(ctx, name)
	if err != nil {
		return nil, err
	}
	pool, err := s.pool(fn)
	if err != nil {
		return nil, err
	}
	env, err := pool.take()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer pool.put(env)
	// A caller that leaves does not interrupt the function.
	return env.invoke(payload), nil
}

// pool is the function's, and a new one when the function has changed.
func (s *Service) pool(fn *function) (*pool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pools == nil {
		return nil, errors.New("the service has stopped")
	}
	if p, ok := s.pools[fn.name]; ok {
		if p.fn.version == fn.version {
			return p, nil
		}
		p.retire()
		s.retired = append(s.retired, p)
	}
	p := &pool{fn: fn, start: func() (*environment, error) { return s.start(fn) }}
	s.pools[fn.name] = p
	return p, nil
}

// fail answers as Lambda does for an error of its own.
func fail(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": strings.TrimSpace(message)})
}
