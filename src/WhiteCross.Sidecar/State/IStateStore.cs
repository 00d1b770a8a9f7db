namespace WhiteCross.Sidecar.State;

/// <summary>
/// A state store with the rules of Dapr's state.redis. A value has a version from 1, which is its ETag. Keys are as the store has them; the app's
/// prefix is put before them by <see cref="StateKeys"/>.
/// </summary>
public interface IStateStore : IAsyncDisposable
{
    /// <summary>Reads a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none.</returns>
    ValueTask<StateEntry?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a value: allowed when the key is missing, when the ETag is the key's, or when there is no ETag and the key was never written first-write.</summary>
    /// <param name="write">The write.</param>
    /// <param name="cancellationToken">Ends the wait; the write may have happened.</param>
    /// <exception cref="StateStoreException">It was refused or failed.</exception>
    ValueTask SetAsync(StateWrite write, CancellationToken cancellationToken);

    /// <summary>Deletes a value: allowed when the key is missing, when the ETag is the key's, or without an ETag.</summary>
    /// <param name="delete">The delete.</param>
    /// <param name="cancellationToken">Ends the wait; the delete may have happened.</param>
    /// <exception cref="StateStoreException">It was refused or failed, which counts as an ETag mismatch, too.</exception>
    ValueTask DeleteAsync(StateDelete delete, CancellationToken cancellationToken);

    /// <summary>
    /// Does several writes and deletes with nobody in between. There is no roll-back: what is allowed stays when another is refused. First-write
    /// is not looked at.
    /// </summary>
    /// <param name="operations">The operations, in their order.</param>
    /// <param name="cancellationToken">Ends the wait; the operations may have happened.</param>
    /// <exception cref="StateStoreException">One or more were refused or failed.</exception>
    ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);
}

/// <summary>A value that was read.</summary>
/// <param name="Data">The bytes as they were written.</param>
/// <param name="ETag">The version; null for a key that another program wrote as a plain string.</param>
/// <param name="ExpiresAt">When it goes away; null: never.</param>
public sealed record StateEntry(ReadOnlyMemory<byte> Data, string? ETag, DateTimeOffset? ExpiresAt);

/// <summary>One operation of a transaction.</summary>
/// <param name="Key">The key.</param>
/// <param name="ETag">The version that the key must have; null: whatever it has. An integer, otherwise the operation is refused as invalid.</param>
public abstract record StateOperation(string Key, string? ETag);

/// <summary>A write.</summary>
/// <param name="Key">The key.</param>
/// <param name="Data">The value.</param>
/// <param name="ETag">The version that the key must have; null: whatever it has.</param>
public sealed record StateWrite(string Key, ReadOnlyMemory<byte> Data, string? ETag = null) : StateOperation(Key, ETag)
{
    /// <summary>Which of two writers wins.</summary>
    public StateConcurrency Concurrency { get; init; }

    /// <summary>Whether the write waits, at most 1 s, until all replicas have it.</summary>
    public bool Strong { get; init; }

    /// <summary>
    /// Seconds until the value goes away; 0 or less: never; null: the component's default, and without one an expiry that is there stays.
    /// </summary>
    public int? TtlInSeconds { get; init; }
}

/// <summary>A delete.</summary>
/// <param name="Key">The key.</param>
/// <param name="ETag">The version that the key must have; null: whatever it has.</param>
public sealed record StateDelete(string Key, string? ETag = null) : StateOperation(Key, ETag)
{
    /// <summary>Which of two writers wins.</summary>
    public StateConcurrency Concurrency { get; init; }
}

/// <summary>Which of two writers wins.</summary>
public enum StateConcurrency
{
    /// <summary>Nothing is said: the ETag counts where there is one.</summary>
    Unspecified,

    /// <summary>The first: from then on the key takes no write without its ETag.</summary>
    FirstWrite,

    /// <summary>The last: the ETag is not looked at.</summary>
    LastWrite,
}

/// <summary>Why a state store refused or failed.</summary>
public enum StateStoreFailure
{
    /// <summary>The store failed, or a write without ETag was refused: HTTP 500, gRPC Internal.</summary>
    Failed,

    /// <summary>The key has another version: HTTP 409, gRPC Aborted.</summary>
    ETagMismatch,

    /// <summary>The ETag is not an integer: HTTP 400, gRPC InvalidArgument.</summary>
    ETagInvalid,

    /// <summary>The request is wrong: HTTP 400, gRPC InvalidArgument.</summary>
    MalformedRequest,
}

/// <summary>A state store refused or failed.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">In words, with the key.</param>
/// <param name="inner">What the store said.</param>
public sealed class StateStoreException(StateStoreFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public StateStoreFailure Failure { get; } = failure;
}
