using System.Globalization;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>A batch's job that waits for the workflow engine is postponed, and its queue says for how long a job may be.</summary>
internal sealed class EnginePatienceCheck(IOptionsMonitor<QueueOptions> queues) : IValidateOptions<BatchOptions>
{
    public ValidateOptionsResult Validate(string? name, BatchOptions options)
    {
        var most = queues.Get(JobQueues.BatchMessageSending).MaxSnooze;
        return options.EnginePatience <= most
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{BatchOptions.SectionName}:{nameof(BatchOptions.EnginePatience)} is {options.EnginePatience:c}, and the queue postpones a job no longer than {most:c}: set Queues:{JobQueues.BatchMessageSending}:{nameof(QueueOptions.MaxSnooze)} to as much, or this to no more."));
    }
}
