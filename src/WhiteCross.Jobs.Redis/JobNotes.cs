using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>The notes of jobs that are added, written by the script that adds them: each once, if any of its jobs was added.</summary>
internal static class JobNotes
{
    // In front of the script: its last arguments are not its own, four for each note and their number. Behind it: the notes of those that it has added.
    private const string Before = """
        local notes = {}
        for n = 1, tonumber(table.remove(ARGV)) do
          local note_text, note_id, last, first = table.remove(ARGV), table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
          notes[n] = { id = note_id, text = note_text, first = tonumber(first), last = tonumber(last) }
        end
        local function add_jobs()

        """;

    private const string After = """

        end
        local results = add_jobs()
        for _, note in ipairs(notes) do
          for n = note.first, note.last do
            if string.sub(results, 3 * n - 2, 3 * n - 2) == 'a' then
              redis.call('HSET', KEYS[1] .. 'announced', note.id, note.text)
              break
            end
          end
        end
        return results
        """;

    public static string Around(string script) => Before + script + After;

    /// <summary>Adds the jobs' notes to the arguments, each with its first and last job: the jobs of a note stand together.</summary>
    /// <param name="arguments">The script's arguments.</param>
    /// <param name="jobs">The jobs.</param>
    /// <returns>False when there are none.</returns>
    public static bool TryWithNotes(this ScriptArguments arguments, IReadOnlyList<NewJob> jobs)
    {
        var (count, first) = (0, 0);
        for (var i = 0; i < jobs.Count; i++)
        {
            var isLast = i + 1 == jobs.Count || !ReferenceEquals(jobs[i + 1].Note, jobs[i].Note);
            if (isLast && jobs[i].Note is { } note)
            {
                arguments.With(first + 1).With(i + 1).With(note.Id).With(note.Text);
                count++;
            }

            first = isLast ? i + 1 : first;
        }

        if (count > 0)
        {
            arguments.With(count);
        }

        return count > 0;
    }
}
