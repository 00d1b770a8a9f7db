using System.CommandLine;
using System.Net.Http;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Adding;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc edit</c>: a failed job is retried with other data.</summary>
internal static class EditCommand
{
    public static Command Create(CommandRunner runner)
    {
        var (id, queue, change) = (Arguments.JobId(), Arguments.QueueOption(), new DataChange());
        var data = new Option<string?>("--data") { Description = "A JSON file with all of its data, or - for the input, in place of what is there.", HelpName = "file" };
        change.Reason.Required = true;
        var command = new Command("edit", "Retries a failed job with other data, by the rules of an add. Shows what differs, which is somebody's data: that you looked is written to the audit log.") { id, queue, data };
        change.AddTo(command);
        command.Validators.Add(result =>
        {
            if ((result.GetResult(data) is null) == change.IsEmptyIn(result))
            {
                result.AddError(result.GetResult(data) is null ? "Say what to change: --set, --remove, or --data with all of it." : "--data is all of it: leave --set and --remove out.");
            }
        });
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var job = await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken);
            var wanted = arguments.GetValue(data) is { } file
                ? new JsonObject { ["data"] = (await JobFile.ReadAsync(session.Environment.Input, file, cancellationToken)).DeepClone() }
                : change.Read(arguments);
            var body = JsonBody.Of(wanted);
            var answer = await session.Gateway.SendAsync(HttpMethod.Post, $"{job.Path}/edit{change.QueryOf(arguments)}", body, cancellationToken);
            Show(session.Screen, job.JobId, answer);
            return answer["errors"] is JsonObject { Count: > 0 } ? ExitCodes.WrongInput : ExitCodes.Ok;
        });
    }

    private static void Show(Screen screen, string jobId, JsonNode answer)
    {
        if (screen.IsJson)
        {
            screen.WriteJson(answer);
            return;
        }

        var table = Tables.Create("field", "before", "after");
        foreach (var one in answer["changes"]!.AsArray().Select(change => change!))
        {
            table.AddRow(Tables.Cell(one["field"]!.GetValue<string>()), Tables.Cell(Text(one["before"])), Tables.Cell(Text(one["after"])));
        }

        if (table.Count > 0)
        {
            screen.Write(table);
        }

        foreach (var (field, messages) in answer["errors"]!.AsObject())
        {
            screen.Note($"{field} {string.Join(' ', messages!.AsArray().Select(message => message!.GetValue<string>()))}");
        }

        screen.WriteLine(answer["isApplied"]!.GetValue<bool>() ? $"{jobId} waits again with it."
            : answer["errors"]!.AsObject().Count > 0 ? $"{jobId} would fail again; nothing was changed."
            : $"{jobId} would be valid; nothing was changed.");
    }

    private static string Text(JsonNode? value) => value is null ? "–" : value is JsonValue text && text.TryGetValue<string>(out var words) ? Texts.Line(words) : Texts.Line(value.ToJsonString());
}
