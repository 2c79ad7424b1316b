// SPDX-License-Identifier: Apache-2.0
// The story of a task, in the words that users of the field know.
#pragma once

#include "driver/driver.hpp"
#include "model/task_state.hpp"

namespace caravan::client::event {

model::TaskEvent received();
model::TaskEvent setup(std::string message);
model::TaskEvent setup_failure(std::string error);
model::TaskEvent waiting_for_identity(std::string error);
model::TaskEvent downloading();
model::TaskEvent download_failed(std::string error);
model::TaskEvent waiting_for_template(std::string message);
model::TaskEvent template_failed(std::string error);
model::TaskEvent script_ran(std::string script);
model::TaskEvent script_failed(std::string script, std::string error);
model::TaskEvent driver_message(std::string message);
model::TaskEvent driver_failure(std::string error);
model::TaskEvent started();
model::TaskEvent terminated(const driver::TaskExit& exit);
model::TaskEvent restarting(base::Duration delay, std::string reason);
model::TaskEvent not_restarting(std::string reason);
model::TaskEvent killing(base::Duration timeout, std::string reason);
model::TaskEvent killed();
model::TaskEvent ran_too_long(base::Duration limit);
model::TaskEvent sibling_failed(std::string task);
model::TaskEvent leader_dead();
model::TaskEvent main_tasks_dead();
model::TaskEvent signaling(int signal, std::string reason);
model::TaskEvent restart_signaled(std::string reason);
model::TaskEvent waiting_shutdown_delay(base::Duration delay);

}  // namespace caravan::client::event
