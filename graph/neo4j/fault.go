package neo4j

import (
	"context"
	"errors"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/schema/fault"
)

// failures are what Neo4j answers, by the beginning of its code, and what that means for us. The first match counts.
var failures = []struct {
	code    string
	as      fault.Code
	message string
}{
	{"Neo.ClientError.Security", fault.Unavailable, "Neo4j refuses the user or the password, or the user may not do this: check store.user and store.password, and that the user may read, write and make constraints"},
	{"Neo.ClientError.Database.DatabaseNotFound", fault.Unavailable, "Neo4j has no such database: check store.database"},
	{"Neo.ClientError.General.WriteOnReadOnly", fault.Unavailable, "Neo4j takes no writes: the database is read-only, or bolt:// leads to a server that is not the leader. Nothing was changed and reads go on; make it writable, or use neo4j:// in store.url"},
	{"Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", fault.Unavailable, "the Neo4j database is read-only: nothing was changed and reads go on; make it writable, then retry"},
	{"Neo.ClientError.Cluster.NotALeader", fault.Unavailable, "the Neo4j cluster has no leader at the moment: retry"},
	{"Neo.TransientError.General.TransactionMemoryLimit", fault.Limit, "Neo4j's memory for one transaction is used up: ask for less, make the change set smaller, or raise db.memory.transaction.max"},
	{"Neo.TransientError.General.MemoryPoolOutOfMemoryError", fault.Limit, "Neo4j's memory for transactions is used up: ask for less, make the change set smaller, or raise db.memory.transaction.max and dbms.memory.transaction.total.max"},
	{"Neo.TransientError.General.TransactionOutOfMemoryError", fault.Limit, "Neo4j's memory for one transaction is used up: ask for less, make the change set smaller, or raise db.memory.transaction.max"},
	{"Neo.TransientError.General.OutOfMemoryError", fault.Unavailable, "Neo4j is out of memory: nothing was changed; raise server.memory.heap.max_size and restart it, then retry"},
	{"Neo.DatabaseError.General.OutOfMemoryError", fault.Unavailable, "Neo4j is out of memory: nothing was changed; raise server.memory.heap.max_size and restart it, then retry"},
	{"Neo.ClientError.Transaction.TransactionTimedOut", fault.Timeout, "Neo4j ended the question for it took too long: narrow it"},
	{"Neo.TransientError.Transaction.LockAcquisitionTimeout", fault.Unavailable, "Neo4j kept the change waiting too long behind others: nothing was changed; retry"},
	{"Neo.DatabaseError.Transaction", fault.Unavailable, "Neo4j could not write: check its disk and its log, then retry"},
	{"Neo.DatabaseError.Statement.ExecutionFailed", fault.Unavailable, "Neo4j failed: check its disk and its log, then retry"},
	{"Neo.ClientError.Transaction.Terminated", fault.Unavailable, "Neo4j ended the transaction, as it does when it stops: nothing was changed; retry"},
	{"Neo.TransientError", fault.Unavailable, "Neo4j could not answer at the moment: retry"},
	{"Neo.DatabaseError", fault.Unavailable, "Neo4j failed: check its log, then retry"},
}

// failed turns an error of the driver into a coded one. It keeps coded ones.
func failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, coded := errors.AsType[*fault.Error](err); coded {
		return err
	}
	if cause := ctx.Err(); cause != nil {
		return fault.Wrap(fault.Timeout, cause, "the question was given up")
	}
	if answer, ok := errors.AsType[*driver.Neo4jError](err); ok {
		for _, f := range failures {
			if strings.HasPrefix(answer.Code, f.code) {
				return fault.Wrap(f.as, err, "%s", f.message)
			}
		}
		return fault.Wrap(fault.Internal, err, "Neo4j did not take a statement of ours")
	}
	if errors.Is(err, errHeld) {
		return fault.Wrap(fault.Unavailable, err, "nothing was changed; retry")
	}
	if strings.Contains(err.Error(), "x509") || strings.Contains(err.Error(), "tls:") {
		return fault.Wrap(fault.Unavailable, err, "Neo4j's certificate is not trusted, or it speaks no TLS: check store.url and the certificate authority")
	}
	return fault.Wrap(fault.Unavailable, err, "Neo4j cannot be reached: check that it runs and store.url; a retry is safe")
}

// passing says that a statement may succeed when it is tried again, as nothing of it was done.
func passing(err error) bool {
	if answer, ok := errors.AsType[*driver.Neo4jError](err); ok {
		if strings.Contains(answer.Code, "OutOfMemory") {
			return false
		}
		return strings.HasPrefix(answer.Code, "Neo.TransientError") || answer.Code == "Neo.ClientError.Cluster.NotALeader" ||
			answer.Code == "Neo.ClientError.Transaction.Terminated" || answer.Code == "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase" && driver.IsRetryable(err)
	}
	return errors.Is(err, errHeld) || driver.IsConnectivityError(err) || driver.IsRetryable(err)
}

// ended returns a coded error when ctx has ended.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(fault.Timeout, err, "the question was given up")
	}
	return nil
}
