//! One try at a migration: from its first statement that is not in the database to the end of its file.

use super::carried::Carried;
use super::progress::Run;
use super::session::Executor;
use super::source::Source;
use super::transaction::Stretch;
use super::trouble::Trouble;
use crate::error::{Error, ErrorKind};
use shoring_core::event::Progress;
use shoring_core::{Event, SegmentMode};

impl Executor<'_> {
    /// One try: from the first statement that is not in the database to the end of the file.
    pub(super) async fn once(&mut self, run: &mut Run<'_>) -> Result<(), Trouble> {
        let plan = run.job.plan;
        let Some(script) = plan.migration.script(plan.direction) else {
            return Err(
                Error::new(ErrorKind::Internal, "no-script", "the plan has no script").into(),
            );
        };
        self.set_limits(&script.directives)
            .await
            .map_err(Trouble::of)?;
        let guard = self.guard_foreign_keys(run.job).await?;
        let mut source = Source::open(
            self.tree.as_ref(),
            script,
            self.session.server(),
            self.split_options(),
        )?;
        let last_lasting = plan.last_lasting_segment();
        let mut index = 0;
        let mut carried = Carried::new(&run.done);
        while let Some(statement) = source.next_statement()? {
            while plan
                .segments
                .get(index)
                .is_some_and(|segment| statement.number > segment.last)
            {
                index += 1;
            }
            let Some(segment) = plan.segments.get(index) else {
                break;
            };
            if statement.number <= run.done_through() {
                carried.check(&self.script_path, &statement)?;
                self.pass_over(&statement).await?;
                continue;
            }
            let is_last_segment = last_lasting == Some(index);
            match segment.mode {
                SegmentMode::Transaction | SegmentMode::OwnTransaction => {
                    self.write_start(run).await?;
                    self.transaction(
                        run,
                        &mut source,
                        statement,
                        Stretch {
                            segment,
                            is_last: is_last_segment,
                            foreign_keys: guard.as_ref(),
                        },
                    )
                    .await?;
                }
                SegmentMode::Autocommit => {
                    let is_last = is_last_segment && statement.number == segment.last;
                    self.single(run, &mut source, statement, is_last).await?;
                }
            }
            self.report_file_progress(run, &source);
        }
        carried.end(&self.script_path)?;
        source.verify()?;
        if !run.is_recorded {
            self.record(run).await?;
        }
        Ok(())
    }

    pub(super) fn report_file_progress(&self, run: &Run<'_>, source: &Source) {
        // Only files that take a while are worth a line.
        if source.size() < 1024 * 1024 {
            return;
        }
        self.context.emit(&Event::StatementProgress {
            version: run.attempt.version.clone(),
            number: run.statements,
            verb: "file".to_owned(),
            progress: Progress {
                phase: "sending".to_owned(),
                done: source.consumed,
                total: source.size(),
                unit: "bytes",
            },
            elapsed_ms: run.milliseconds(),
        });
    }
}
