using System.Net;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Gateway;

/// <summary>What the tool says, and exits with, when the gateway does not do what it was asked or cannot be asked.</summary>
internal static class Refusals
{
    /// <summary>An exception as the tool tells it; null for one that it knows nothing of.</summary>
    public static CliException? Of(Exception exception) => exception switch
    {
        CliException own => own,
        JobsUnavailableException { Problem: { } problem } => Of(problem),
        JobsValidationException { Problem: { } problem } => Of(problem),
        JobsRefusedException { Said: { } problem } => Of(problem),
        JobsUnavailableException unavailable => new CliException(ExitCodes.Unavailable, unavailable.Message.TrimEnd('.') + HintOf(unavailable.Kind)),
        _ => null,
    };

    /// <summary>The same of an add of which nobody knows whether it was done.</summary>
    /// <param name="exception">What stopped it.</param>
    /// <param name="what">What may have been done, in words.</param>
    public static CliException OfUnknownAdd(JobsUnavailableException exception, string what) =>
        new(ExitCodes.Unavailable, $"It is unknown whether {what}. Adding the same again with the same id is safe.", problem: exception.Problem is { } problem ? ObjectOf(problem) : null);

    private static CliException Of(GatewayProblem problem)
    {
        var status = problem.Status;
        var message = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && problem.Detail is null
            ? MessageFor(status) // Their titles say nothing beyond their name.
            : problem.Text ?? MessageFor(status);
        return new CliException(ExitCodeOf(status), message, problem.Errors, ObjectOf(problem) ?? new JsonObject { ["title"] = message, ["status"] = (int)status });
    }

    private static JsonObject? ObjectOf(GatewayProblem problem) => problem.Json is { } json ? JsonObject.Create(json) : null;

    private static int ExitCodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCodes.NotAllowed,
        HttpStatusCode.NotFound => ExitCodes.NotFound,
        HttpStatusCode.TooManyRequests => ExitCodes.Unavailable,
        >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => ExitCodes.WrongInput,
        _ => ExitCodes.Unavailable,
    };

    private static string MessageFor(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "The gateway does not know who asks: give an API key with WC_API_KEY or --key, or a token with WC_TOKEN.",
        HttpStatusCode.Forbidden => "Not allowed: this takes a key with a higher role (viewer looks; operator adds and controls; admin removes, cleans and reads the audit log).",
        HttpStatusCode.NotFound => "There is nothing at this address: is --url right, and the gateway new enough?",
        _ => $"The gateway answered {(int)status}.",
    };

    private static string HintOf(UnavailableKind kind) => kind switch
    {
        UnavailableKind.NotReached => ": is it running, and is --url right?",
        UnavailableKind.NoGateway => ": is --url right?",
        UnavailableKind.NotUnderstood => ". Is it of another version? See --json.",
        _ => ".",
    };
}
