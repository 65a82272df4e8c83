package connectors

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
)

// Operations are those of Transfer that the service answers.
var Operations = []string{
	"StartDirectoryListing", "StartFileTransfer", "ListFileTransferResults", "StartRemoteMove", "StartRemoteDelete", "TestConnection",
}

// request has the parameters of all operations.
type request struct {
	ConnectorID, TransferID, NextToken      string
	RemoteDirectoryPath, LocalDirectoryPath string
	OutputDirectoryPath                     string
	SourcePath, TargetPath, DeletePath      string
	RetrieveFilePaths, SendFilePaths        []string
	MaxItems, MaxResults                    int
}

// ServeHTTP answers a request for one of the Operations.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer, refusal := s.answer(r, operation)
	status := http.StatusOK
	if refusal != nil {
		status = refusal.Status
		fields := map[string]string{"__type": refusal.Code, "Message": refusal.Message, "Resource": refusal.Resource, "ResourceType": refusal.ResourceType}
		if refusal.Code == Throttling.Code {
			fields["RetryAfterSeconds"] = "1"
		}
		answer = fields
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // A client that left is no error.
}

func (s *Service) answer(r *http.Request, operation string) (any, *Refusal) {
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, invalid("%v", err)
	}
	if refusal := s.refusal(Work{Operation: operation, ConnectorID: in.ConnectorID}); refusal != nil {
		return nil, refusal
	}
	if operation == "ListFileTransferResults" {
		return s.listResults(in)
	}
	described, err := s.transfer.DescribeConnector(r.Context(), &transfer.DescribeConnectorInput{ConnectorId: &in.ConnectorID})
	if err != nil {
		return nil, &Refusal{Status: http.StatusInternalServerError, Code: InternalError.Code, Message: err.Error()}
	}
	connector := described.Connector
	switch operation {
	case "StartDirectoryListing":
		return s.startListing(connector, in)
	case "StartFileTransfer":
		return s.startTransfer(connector, in)
	case "StartRemoteMove":
		return s.startMove(connector, in)
	case "StartRemoteDelete":
		return s.startDelete(connector, in)
	case "TestConnection":
		return s.testConnection(r.Context(), connector)
	}
	return nil, invalid("there is no operation %s", operation)
}

func (s *Service) listResults(in request) (any, *Refusal) {
	from, err := strconv.Atoi("0" + in.NextToken)
	if err != nil {
		return nil, invalid("the NextToken is not valid")
	}
	size := in.MaxResults
	if size == 0 {
		size = 1000
	}
	files, next, ok := s.results.page(transferKey{in.ConnectorID, in.TransferID}, from, size)
	if !ok {
		// AWS does not document the type of the resource.
		return nil, &Refusal{http.StatusBadRequest, "ResourceNotFoundException", "Unknown transfer", in.TransferID, "Transfer"}
	}
	answer := map[string]any{"FileTransferResults": files}
	if next > 0 {
		answer["NextToken"] = strconv.Itoa(next)
	}
	return answer, nil
}

// enqueue has a connector do something as soon as it can.
func (s *Service) enqueue(connector *types.DescribedConnector, tasks ...*task) *Refusal {
	workers := int(aws.ToInt32(connector.SftpConfig.MaxConcurrentConnections))
	if !s.queueOf(*connector.ConnectorId).add(workers, tasks...) {
		return Throttling
	}
	return nil
}

func invalid(format string, args ...any) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "InvalidRequestException", Message: fmt.Sprintf(format, args...)}
}

// newID returns an id for a transfer, listing, move or delete.
func newID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id)
}
