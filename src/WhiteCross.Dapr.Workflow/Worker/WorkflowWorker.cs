using System.Diagnostics;
using Dapr.Workflow.Protocol;
using Dapr.Workflow.Registration;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>
/// Takes work items from the sidecar over one stream, runs them side by side, and answers them. A lost stream is opened again, for ever. At shutdown
/// the stream stays open, unread, until what is under way is answered: closing it first would make the sidecar give all of that out again.
/// </summary>
internal sealed partial class WorkflowWorker(
    SidecarConnection sidecar,
    WorkflowRuntimeOptions options,
    TurnRunner turns,
    ActivityRunner activities,
    WorkerLimits limits,
    TimeProvider time,
    ILogger<WorkflowWorker> logger) : BackgroundService
{
    private const int AnswerAttempts = 6;

    private readonly SemaphoreSlim _turnSlots = new(limits.Turns);
    private readonly SemaphoreSlim _activitySlots = new(limits.Activities);
    private readonly InFlight _inFlight = new();
    private CancellationToken _shutdown;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _shutdown = cancellationToken;
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _turnSlots.Dispose();
        _activitySlots.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Workflows.Count == 0 && options.Activities.Count == 0)
        {
            // A stream would draw work items here that nothing here can do.
            LogNothingRegistered();
            return;
        }

        // The host goes on starting; nothing below runs on its thread.
        await Task.Yield();
        var pause = limits.FirstReconnectPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            var opened = time.GetTimestamp();
            var received = await ListenAsync(stoppingToken);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            pause = received || time.GetElapsedTime(opened) > limits.LongestReconnectPause ? limits.FirstReconnectPause : pause;
            LogReconnecting(pause.TotalSeconds);
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < limits.LongestReconnectPause ? pause * 2 : limits.LongestReconnectPause;
        }
    }

    private async Task<bool> ListenAsync(CancellationToken stoppingToken)
    {
        using var end = new CancellationTokenSource();
        // Outside the try: the call is to live until what is under way has been answered.
        using var call = sidecar.Service.GetWorkItems(new GetWorkItemsRequest(), sidecar.Call(end.Token));
        var hello = KeepInTouchAsync(end);
        var received = false;
        try
        {
            LogListening(options.Workflows.Count, options.Activities.Count);
            while (await call.ResponseStream.MoveNext(end.Token).WaitAsync(stoppingToken))
            {
                received = true;
                Take(call.ResponseStream.Current);
            }

            LogStreamClosed();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FinishAsync();
        }
        catch (Exception lost) when (lost is RpcException or OperationCanceledException or HttpRequestException or IOException)
        {
            LogStreamLost(lost is RpcException rpc ? rpc.StatusCode.ToString() : lost.GetType().Name);
        }
        finally
        {
            await end.CancelAsync();
            await hello;
        }

        return received;
    }

    private async Task FinishAsync()
    {
        try
        {
            await _inFlight.WhenEmptyAsync().WaitAsync(_shutdown);
        }
        catch (OperationCanceledException)
        {
            LogShutdownCutShort();
        }
    }

    private async Task KeepInTouchAsync(CancellationTokenSource end)
    {
        var missed = 0;
        try
        {
            using var timer = new PeriodicTimer(limits.HelloEvery, time);
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                using var timeout = new CancellationTokenSource(limits.HelloTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, end.Token);
                try
                {
                    await sidecar.Service.HelloAsync(new Empty(), sidecar.Call(either.Token));
                    missed = 0;
                }
                catch (Exception unheard) when (unheard is RpcException or OperationCanceledException && !end.IsCancellationRequested)
                {
                    // One may be lost; two in a row mean that the stream is dead too, though it may not know yet.
                    if (++missed == 2)
                    {
                        await end.CancelAsync();
                    }
                }
            }
        }
        catch (Exception over) when (over is RpcException or OperationCanceledException)
        {
            // The stream has ended.
        }
    }

    private void Take(WorkItem item)
    {
        _inFlight.Begin();
        _ = Task.Run(() => HandleAsync(item), CancellationToken.None);
    }

    private async Task HandleAsync(WorkItem item)
    {
        try
        {
            switch (item.RequestCase)
            {
                case WorkItem.RequestOneofCase.WorkflowRequest:
                    await HandleTurnAsync(item.WorkflowRequest, item.CompletionToken);
                    break;
                case WorkItem.RequestOneofCase.ActivityRequest:
                    await HandleActivityAsync(item.ActivityRequest, item.CompletionToken);
                    break;
                default:
                    LogUnknownItem();
                    break;
            }
        }
#pragma warning disable CA1031 // Nothing awaits this task: an exception here must not vanish.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            LogItemFailed(item.WorkflowRequest?.InstanceId ?? item.ActivityRequest?.WorkflowInstance?.InstanceId ?? "", bug.GetType().FullName);
        }
        finally
        {
            _inFlight.End();
        }
    }

    private async Task HandleTurnAsync(WorkflowRequest request, string completionToken)
    {
        await _turnSlots.WaitAsync();
        WorkflowResponse response;
        try
        {
            response = await turns.RunAsync(request);
        }
        finally
        {
            _turnSlots.Release();
        }

        response.CompletionToken = completionToken;
        // The older of the two names: it is known to every version of the sidecar.
        var refusal = await AnswerAsync(call => sidecar.Service.CompleteOrchestratorTaskAsync(response, call));
        if (refusal is not null)
        {
            LogTurnRefused(request.InstanceId, refusal.StatusCode);
        }
    }

    private async Task HandleActivityAsync(ActivityRequest request, string completionToken)
    {
        await _activitySlots.WaitAsync();
        ActivityResponse response;
        try
        {
            response = await activities.RunAsync(request);
        }
        finally
        {
            _activitySlots.Release();
        }

        response.CompletionToken = completionToken;
        var refusal = await AnswerAsync(call => sidecar.Service.CompleteActivityTaskAsync(response, call));
        if (refusal is { StatusCode: StatusCode.ResourceExhausted } && response.FailureDetails is null)
        {
            // Without an answer the activity would run again and again, to the same end.
            var size = response.CalculateSize();
            response.Result = null;
            response.FailureDetails = new TaskFailureDetails
            {
                ErrorType = typeof(InvalidOperationException).FullName,
                ErrorMessage = $"The result of activity '{request.Name}' ({size} bytes) is larger than the sidecar takes (max-body-size, 4 MiB by default). "
                    + "Store it elsewhere and return a reference.",
            };
            refusal = await AnswerAsync(call => sidecar.Service.CompleteActivityTaskAsync(response, call));
        }

        if (refusal is not null)
        {
            LogActivityRefused(request.Name, response.InstanceId, refusal.StatusCode);
        }
    }

    // An answer that is refused is one that nobody waits for any more: the item was given out again, or its instance has ended.
    private async Task<RpcException?> AnswerAsync(Func<CallOptions, AsyncUnaryCall<CompleteTaskResponse>> send)
    {
        var pause = limits.FirstAnswerPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var call = send(sidecar.Call(CancellationToken.None));
                await call;
                return null;
            }
            catch (RpcException away) when (away.StatusCode == StatusCode.Unavailable && attempt < AnswerAttempts)
            {
                await Task.Delay(pause, time);
                pause *= 2;
            }
            catch (RpcException refusal)
            {
                return refusal;
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "No workflow and no activity is registered: this app only starts and manages workflows")]
    private partial void LogNothingRegistered();

    [LoggerMessage(LogLevel.Information, "Waiting for work items of {Workflows} workflows and {Activities} activities")]
    private partial void LogListening(int workflows, int activities);

    [LoggerMessage(LogLevel.Information, "The sidecar closed the stream of work items")]
    private partial void LogStreamClosed();

    [LoggerMessage(LogLevel.Warning, "The stream of work items was lost ({Reason})")]
    private partial void LogStreamLost(string reason);

    [LoggerMessage(LogLevel.Information, "Opening the stream of work items again in {Seconds} s")]
    private partial void LogReconnecting(double seconds);

    [LoggerMessage(LogLevel.Warning, "Shutdown did not leave enough time for all work items; the sidecar gives the others out again")]
    private partial void LogShutdownCutShort();

    [LoggerMessage(LogLevel.Warning, "The sidecar sent a work item of an unknown kind")]
    private partial void LogUnknownItem();

    [LoggerMessage(LogLevel.Error, "A work item of instance {InstanceId} was not answered ({ErrorType})")]
    private partial void LogItemFailed(string instanceId, string? errorType);

    [LoggerMessage(LogLevel.Warning, "The sidecar did not take the answer of a turn of instance {InstanceId} ({Status})")]
    private partial void LogTurnRefused(string instanceId, StatusCode status);

    [LoggerMessage(LogLevel.Warning, "The sidecar did not take the answer of activity {Activity} of instance {InstanceId} ({Status})")]
    private partial void LogActivityRefused(string activity, string instanceId, StatusCode status);
}
