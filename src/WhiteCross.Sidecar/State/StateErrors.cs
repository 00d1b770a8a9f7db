using Grpc.Core;
using WhiteCross.Sidecar.Api;

namespace WhiteCross.Sidecar.State;

/// <summary>The errors of the state API, with daprd's codes.</summary>
internal static class StateErrors
{
    public const string Get = "ERR_STATE_GET";
    public const string Save = "ERR_STATE_SAVE";
    public const string Delete = "ERR_STATE_DELETE";
    public const string Transaction = "ERR_STATE_TRANSACTION";

    public static SidecarApiException Malformed(string message, Exception? exception = null) =>
        new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", message, exception);

    public static SidecarApiException UnknownOperation(string? operation) =>
        new(400, StatusCode.Unimplemented, "ERR_NOT_SUPPORTED_STATE_OPERATION", $"operation type {operation} not supported");

    /// <summary>What a failed call of a store is for the app. A transaction reports everything alike.</summary>
    public static SidecarApiException Of(string errorCode, string store, Exception exception)
    {
        return (exception as StateStoreException)?.Failure switch
        {
            StateStoreFailure.MalformedRequest => Malformed(exception.Message, exception),
            StateStoreFailure.ETagMismatch when errorCode != Transaction => new(
                409, StatusCode.Aborted, errorCode, Text(errorCode, store, $"possible etag mismatch. error from state store: {exception.Message}"), exception),
            StateStoreFailure.ETagInvalid when errorCode != Transaction => new(
                400, StatusCode.InvalidArgument, errorCode, Text(errorCode, store, $"invalid etag value: {exception.Message}"), exception),
            _ => new(500, StatusCode.Internal, errorCode, Text(errorCode, store, exception.Message), exception),
        };
    }

    private static string Text(string errorCode, string store, string problem) => errorCode switch
    {
        Save => $"failed saving state in state store {store}: {problem}",
        Transaction => $"error while executing state transaction: {problem}",
        _ => problem,
    };
}
