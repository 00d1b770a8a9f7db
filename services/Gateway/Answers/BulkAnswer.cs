namespace WhiteCross.Gateway;

/// <summary>What is answered to a bulk.</summary>
/// <param name="Accepted">The jobs that are on record now.</param>
/// <param name="Rejected">Those that are not, and why.</param>
internal sealed record BulkAnswer(IReadOnlyList<BulkAccepted> Accepted, IReadOnlyList<BulkRejected> Rejected);

/// <summary>A job of a bulk that is not valid.</summary>
/// <param name="Index">Its place in the bulk, from 0.</param>
/// <param name="Errors">What is wrong, by field.</param>
internal sealed record BulkRejected(int Index, IReadOnlyDictionary<string, string[]> Errors);
