using System.Text.Json;
using System.Text.Json.Serialization;
using WhiteCross.Sidecar.Workflows.Engine;

namespace WhiteCross.Sidecar.Workflows.Api;

/// <summary>Dapr's workflow management API over HTTP: <c>/v1.0/workflows/dapr/…</c>, and the same under v1.0-beta1 and v1.0-alpha1.</summary>
public static class WorkflowHttpApi
{
    private const int MaxIdLength = 64;

    /// <summary>Adds what the workflow API needs; <see cref="WorkflowEngine"/> itself is the host's to start and to register.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The engine's settings.</param>
    public static IServiceCollection AddWorkflowApi(this IServiceCollection services, WorkflowEngineOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<TaskHubService>();
        return services;
    }

    /// <summary>Maps the workflow service on gRPC.</summary>
    /// <param name="routes">The routes of the gRPC port.</param>
    public static void MapWorkflowGrpc(this IEndpointRouteBuilder routes) => routes.MapGrpcService<TaskHubService>();

    /// <summary>Maps the management API on HTTP.</summary>
    /// <param name="routes">The routes of the HTTP port.</param>
    /// <param name="engine">The engine.</param>
    public static void MapWorkflowHttp(this IEndpointRouteBuilder routes, WorkflowEngine engine)
    {
        foreach (var version in new[] { "v1.0", "v1.0-beta1", "v1.0-alpha1" })
        {
            var group = routes.MapGroup($"/{version}/workflows/{{component}}").AddEndpointFilter(CheckAsync);
            group.MapPost("/{name}/start", (string name, HttpRequest request) => StartAsync(engine, name, request));
            group.MapGet("/{id}", (string id, CancellationToken aborted) => GetAsync(engine, id, aborted));
            group.MapPost("/{id}/terminate", (string id, CancellationToken aborted) =>
                DoAsync(() => engine.TerminateAsync(id, null, recursive: true, aborted), "ERR_TERMINATE_WORKFLOW"));
            group.MapPost("/{id}/pause", (string id, CancellationToken aborted) => DoAsync(() => engine.SuspendAsync(id, null, aborted), "ERR_PAUSE_WORKFLOW"));
            group.MapPost("/{id}/resume", (string id, CancellationToken aborted) => DoAsync(() => engine.ResumeAsync(id, null, aborted), "ERR_RESUME_WORKFLOW"));
            group.MapPost("/{id}/purge", (string id, CancellationToken aborted) => DoAsync(() => PurgeAsync(engine, id, aborted), "ERR_PURGE_WORKFLOW"));
            group.MapPost("/{id}/raiseEvent/{name}", (string id, string name, HttpRequest request) =>
                DoAsync(
                    async () => await engine.RaiseEventAsync(id, name, await ReadAsync(request), request.HttpContext.RequestAborted),
                    "ERR_RAISE_EVENT_WORKFLOW"));
        }
    }

    private static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.GetRouteValue("component") is "dapr"
            ? await next(context)
            : Error(404, "ERR_WORKFLOW_COMPONENT_NOT_FOUND", "The only workflow component is 'dapr', the built-in engine.");

    private static async Task<IResult> StartAsync(WorkflowEngine engine, string name, HttpRequest request)
    {
        var id = request.Query["instanceID"].ToString();
        if (id.Length > MaxIdLength)
        {
            return Error(400, "ERR_INSTANCE_ID_TOO_LONG", $"The workflow instance id has {id.Length} characters; {MaxIdLength} are allowed.");
        }

        if (!id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            return Error(400, "ERR_INSTANCE_ID_INVALID", "The workflow instance id may have letters, digits, '-' and '_' only.");
        }

        try
        {
            var input = await ReadAsync(request);
            return Json(202, new Started(await engine.CreateAsync(name, id.Length > 0 ? id : null, input, null, request.HttpContext.RequestAborted)));
        }
        catch (WorkflowException refused)
        {
            return Error(500, "ERR_START_WORKFLOW", refused.Message);
        }
    }

    private static async Task<IResult> GetAsync(WorkflowEngine engine, string id, CancellationToken aborted)
    {
        if (await engine.GetAsync(id, aborted) is not { } snapshot)
        {
            return NotFound(id);
        }

        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add("dapr.workflow.input", snapshot.Input);
        Add("dapr.workflow.output", snapshot.Output);
        Add("dapr.workflow.custom_status", snapshot.CustomStatus);
        Add("dapr.workflow.failure.error_type", snapshot.ErrorType);
        Add("dapr.workflow.failure.error_message", snapshot.ErrorMessage);
        Add("dapr.workflow.failure.stack_trace", snapshot.StackTrace);
        // A stalled one shows as unknown here, as in daprd.
        var status = snapshot.Status == "STALLED" ? "UNKNOWN" : snapshot.Status;
        return Json(200, new Instance(snapshot.InstanceId, snapshot.Name, snapshot.CreatedAt.UtcDateTime, snapshot.LastUpdatedAt.UtcDateTime, status, properties));

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                properties.Add(name, value);
            }
        }
    }

    private static async Task PurgeAsync(WorkflowEngine engine, string id, CancellationToken aborted)
    {
        if (await engine.PurgeAsync(id, recursive: true, aborted) == 0)
        {
            throw new WorkflowException(WorkflowRefusal.NotFound, $"There is no workflow instance '{id}'.");
        }
    }

    private static async Task<IResult> DoAsync(Func<Task> action, string errorCode)
    {
        try
        {
            await action();
            return Results.Text("{}", "application/json", statusCode: 202);
        }
        catch (WorkflowException refused) when (refused.Reason == WorkflowRefusal.NotFound)
        {
            return Error(404, "ERR_INSTANCE_ID_NOT_FOUND", refused.Message);
        }
        catch (WorkflowException refused)
        {
            return Error(500, errorCode, refused.Message);
        }
    }

    private static async Task<string?> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        return text.Length > 0 ? text : null;
    }

    private static IResult NotFound(string id) => Error(404, "ERR_INSTANCE_ID_NOT_FOUND", $"There is no workflow instance '{id}'.");

    private static IResult Error(int status, string code, string message) => Json(status, new ErrorBody(code, message));

    private static IResult Json<T>(int status, T body) => Results.Json(body, JsonSerializerOptions.Web, statusCode: status);

    private sealed record Started([property: JsonPropertyName("instanceID")] string InstanceId);

    private sealed record ErrorBody(string ErrorCode, string Message);

    private sealed record Instance(
        [property: JsonPropertyName("instanceID")] string InstanceId,
        string WorkflowName,
        DateTime CreatedAt,
        DateTime LastUpdatedAt,
        string RuntimeStatus,
        IReadOnlyDictionary<string, string> Properties);
}
