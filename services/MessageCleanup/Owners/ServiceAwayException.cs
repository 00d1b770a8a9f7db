namespace WhiteCross.MessageCleanup;

/// <summary>The service that owns the data cannot be reached now, for example because a new version of it is going out: no fault of the job.</summary>
internal sealed class ServiceAwayException(string message) : Exception(message);
